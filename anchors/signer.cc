#include "anchors/signer.h"

#include "anchors/file_io.h"
#include "audit/tree.h"
#include "store/beside.h"

#include <utility>

namespace dcm::anchors {
namespace {

constexpr std::int64_t kIntervalMicros = kMicrosPerSecond;

void require_sealed(const std::optional<audit::Seal>& seal,
                    const audit::Frontier& head,
                    const audit::VerifierKey& key) {
    const audit::SealState state = audit::judge_seal(seal, head, key);
    if (state != audit::SealState::fits) {
        throw Failure(ErrorKind::environment,
                      "nothing is signed: " + audit::describe_seal(state, seal, head.size()) +
                          "; see audit verify");
    }
}

}  // namespace

std::filesystem::path beside(const std::filesystem::path& database, const std::string& suffix) {
    return database.string() + suffix;
}

Signer::Signer(store::Database& writer,
               const SignerSetup& setup,
               const LogKey& key,
               AnchorSet& anchors,
               const Clock& clock)
    : writer_(writer),
      clock_(clock),
      reader_(store::Database::open_for_reading(setup.url)),
      state_file_(setup.places.state),
      key_(key),
      anchors_(anchors) {
    const store::LogReader snapshot(reader_);
    state_ = signed_state(snapshot, state_file_, key_.keys);
    if (const auto newest = snapshot.newest_checkpoint()) {
        signed_size_ = newest->size;
    }
}

bool Signer::sign_if_due() {
    // `deferred`: no thread was to be had, and wait() does it.
    if (signing_.valid() &&
        signing_.wait_for(std::chrono::seconds(0)) == std::future_status::timeout) {
        return false;
    }
    const bool ends = signing_.valid();
    wait();
    const Instant now = clock_.now();
    if ((now - begun_at_).micros >= kIntervalMicros) {
        begun_at_ = now;
        signing_ = std::async(store::kBeside, [this] { return next_checkpoint(Retry::when_due); });
    }
    return ends;
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
    const audit::Checkpoint checkpoint =
        audit::checkpoint_of(state_, key_.signing.verifier().name());
    std::string note = audit::sign_checkpoint(checkpoint, key_.signing);
    if (key_.retiring) {
        note = audit::cosign(note, checkpoint, *key_.retiring);
    }
    anchors_.keep({checkpoint, note, key_.keys}, retry);
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
    if (head.size() == 0 ||
        (head.size() == signed_size_ && head.size() == state_.tree.size() && state_.seals)) {
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
    require_sealed(snapshot.seal(), head, key_.signing.verifier());
    state_ = std::move(next).value();
    replace_file(state_file_, audit::format_signer_state(state_));
    return true;
}

}  // namespace dcm::anchors
