#include "anchors/signer.h"

#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "audit/tree.h"
#include "store/beside.h"

#include <utility>

namespace dcm::anchors {
namespace {

constexpr std::int64_t kIntervalMicros = kMicrosPerSecond;

std::string log_id_of(store::Database& database) {
    return store::LogReader(database).log_id();
}

audit::Frontier head_of(const store::LogReader& snapshot) {
    const store::LogHead head = snapshot.head();
    Result<audit::Frontier> tree = audit::Frontier::restore(head.size, head.frontier);
    if (!tree.ok()) {
        throw Failure(ErrorKind::environment, "nothing is signed: " + tree.error().message);
    }
    return std::move(tree).value();
}

// The tree over the first `size` rows, read again.
audit::SignerState read_again(const store::LogReader& snapshot, std::int64_t size) {
    audit::SignerState state;
    std::string leaf_data;
    snapshot.each_leaf(0, size, [&state, &leaf_data](const audit::Record& record) {
        audit::encode_leaf(record, leaf_data);
        state.tree.append(audit::leaf_hash(leaf_data));
    });
    return state;
}

}  // namespace

std::filesystem::path beside(const std::filesystem::path& database, const std::string& suffix) {
    return database.string() + suffix;
}

std::string origin_of(const std::string& deployment, const std::string& log_id) {
    return deployment + "/audit/" + log_id;
}

Signer::Signer(store::Database& writer,
               const SignerSetup& setup,
               AnchorSet& anchors,
               const Clock& clock)
    : writer_(writer),
      clock_(clock),
      reader_(store::Database::open_for_reading(setup.url)),
      places_(setup.places),
      origin_(origin_of(setup.deployment, log_id_of(reader_))),
      key_(key_of_log()),
      anchors_(anchors) {
    const store::LogReader snapshot(reader_);
    state_ = state_before(snapshot);
    const std::int64_t size = snapshot.head().size;
    if (size < state_.tree.size()) {
        throw Failure(ErrorKind::environment,
                      "expected a database of at least " + std::to_string(state_.tree.size()) +
                          " records, as " + places_.state.string() + " says were signed, got " +
                          std::to_string(size) +
                          ": it was rolled back or restored from a backup; see audit verify");
    }
    if (const auto newest = snapshot.newest_checkpoint()) {
        signed_size_ = newest->size;
    }
}

// A log keeps its key, and a key its log: another name or another key would make every earlier
// checkpoint look forged.
audit::SigningKey Signer::key_of_log() {
    const auto exists = [](const std::filesystem::path& path) {
        std::error_code missing;
        return std::filesystem::exists(std::filesystem::symlink_status(path, missing));
    };
    const bool was_signed =
        exists(places_.state) || store::LogReader(reader_).newest_checkpoint().has_value();
    if (was_signed && !exists(places_.key)) {
        throw Failure(ErrorKind::malformed,
                      "expected the key that signed this log at " + places_.key.string() +
                          ", found none: restore it, another key cannot continue the log");
    }
    audit::SigningKey key = load_or_create_key(places_.key, origin_);
    if (key.verifier().name() != origin_) {
        throw Failure(ErrorKind::malformed,
                      "expected a key for " + origin_ + " at " + places_.key.string() +
                          ", got one for " + key.verifier().name() +
                          ": audit.deployment cannot change, nor a key move to another log");
    }
    return key;
}

// What the state file says, or, where it is lost, what the newest stored checkpoint proves.
audit::SignerState Signer::state_before(const store::LogReader& snapshot) const {
    if (const auto text = read_file(places_.state)) {
        Result<audit::SignerState> state = audit::parse_signer_state(*text);
        if (!state.ok()) {
            throw Failure(ErrorKind::malformed,
                          state.error().message + ", in " + places_.state.string());
        }
        return std::move(state).value();
    }
    const auto newest = snapshot.newest_checkpoint();
    if (!newest) {
        return {};
    }
    audit::SignerState state = read_again(snapshot, newest->size);
    const audit::OpenedNote opened = audit::open_checkpoint(newest->note, key_.verifier());
    const auto* const checkpoint = std::get_if<audit::Checkpoint>(&opened.state);
    if (checkpoint == nullptr || *checkpoint != audit::checkpoint_of(state, origin_)) {
        throw Failure(ErrorKind::environment,
                      "nothing is signed: the stored checkpoint of " +
                          std::to_string(newest->size) +
                          " records is not what the records give; see audit verify");
    }
    return state;
}

void Signer::sign_if_due() {
    // `deferred`: no thread was to be had, and wait() does it.
    if (signing_.valid() &&
        signing_.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) {
        return;
    }
    wait();
    const Instant now = clock_.now();
    if ((now - begun_at_).micros >= kIntervalMicros) {
        begun_at_ = now;
        signing_ = std::async(store::kBeside, [this] { return next_checkpoint(Retry::when_due); });
    }
}

void Signer::wait() {
    store_signed();
    if (signing_.valid()) {
        signed_ = signing_.get();
        store_signed();
    }
}

void Signer::sign() {
    store_signed();
    if (signing_.valid()) {
        try {
            signed_ = signing_.get();
        } catch (const Failure&) {
            // That attempt is repeated below, and tells when its cause is still there.
            signed_.reset();
        }
        store_signed();
    }
    signed_ = next_checkpoint(Retry::now);
    store_signed();
}

void Signer::store_signed() {
    if (signed_) {
        store::store_checkpoint(writer_, *signed_);
        signed_.reset();
    }
}

// Signing the same again gives the same note, and an anchor that keeps it already does nothing: so
// those that lag, or lagged when an earlier process ended, are offered it until they keep it.
std::optional<store::StoredCheckpoint> Signer::next_checkpoint(Retry retry) {
    if (!advance()) {
        return std::nullopt;
    }
    const audit::Checkpoint checkpoint = audit::checkpoint_of(state_, origin_);
    const std::string note = audit::sign_checkpoint(checkpoint, key_);
    anchors_.keep({checkpoint, note, key_.verifier()}, retry);
    if (checkpoint.size == signed_size_) {
        return std::nullopt;
    }
    signed_size_ = checkpoint.size;
    return store::StoredCheckpoint{checkpoint.size, note};
}

// Takes the state to the head and keeps it, before anything is signed. False for an empty log.
bool Signer::advance() {
    // Ends before anchors are waited for.
    const store::LogReader snapshot(reader_);
    const audit::Frontier head = head_of(snapshot);
    if (head.size() == 0 || (head.size() == signed_size_ && head.size() == state_.tree.size())) {
        return head.size() != 0;
    }
    audit::SignerStep step(state_);
    snapshot.each_leaf(state_.tree.size(), head.size(), [&step](const audit::Record& record) {
        step.add(record);
    });
    Result<audit::SignerState> next = step.finish(head);
    if (!next.ok()) {
        throw Failure(ErrorKind::environment, "nothing is signed: " + next.error().message);
    }
    state_ = std::move(next).value();
    replace_file(places_.state, audit::format_signer_state(state_));
    return true;
}

}  // namespace dcm::anchors
