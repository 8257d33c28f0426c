#include "anchors/log_opening.h"

#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "anchors/start_check.h"
#include "store/log_seal.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;

// A log keeps its key: another one would make every earlier checkpoint look forged.
void require_never_signed(const store::LogReader& snapshot, const SignerPlaces& places) {
    if (is_there(places.state) || snapshot.newest_checkpoint().has_value()) {
        throw Failure(ErrorKind::malformed,
                      "expected the key that signed this log at " + places.key.string() +
                          ", found none: restore it, another key cannot continue the log");
    }
}

// And a key its log.
void require_key_of_log(const store::LogReader& snapshot,
                        const SignerPlaces& places,
                        const audit::VerifierKey& key,
                        const std::string& origin) {
    if (key.name() == origin) {
        return;
    }
    const auto state = read_signer_state(places.state);
    if (state && state->tree.size() > 0 && snapshot.head().size == 0) {
        throw NotAsSigned(audit::FindingKind::rolled_back,
                          "nothing was written: expected a database of at least " +
                              std::to_string(state->tree.size()) + " records, as " +
                              places.state.string() +
                              " says were signed, got an empty one of another "
                              "log in its place");
    }
    throw Failure(ErrorKind::malformed,
                  "expected a key for " + origin + " at " + places.key.string() + ", got one for " +
                      key.name() +
                      ": audit.deployment cannot change, nor a key move to another log");
}

// A change of keys is finished by who began it; an older key writes nothing any more.
void require_newest_key(const audit::LogKeys& keys,
                        const audit::VerifierKey& key,
                        const fs::path& file) {
    if (keys.newest().text() == key.text()) {
        return;
    }
    const audit::KeyChange& change = keys.changes().back();
    const bool is_fork = change.kind == audit::KeyChange::Kind::forked;
    throw Failure(ErrorKind::malformed,
                  "expected the log's newest key at " + file.string() + ", got one that record " +
                      std::to_string(change.seq) + " replaced: where that was interrupted, run `" +
                      (is_fork ? "audit fork" : "audit key rotate") + "` again, which finishes it");
}

// The head, when the records lead to it from what was signed last.
audit::Frontier confirmed_head(const store::LogReader& snapshot, const audit::SignerState& last) {
    const audit::Frontier head = head_of(snapshot);
    audit::SignerStep step(last);
    snapshot.each_leaf(
        last.tree.size(), head.size(), [&step](const audit::Record& record) { step.add(record); });
    return value_or_throw(step.finish(head)).tree;
}

// The tree to seal; nullopt when the log is sealed, or has nothing to seal. Records behind what was
// signed are left by an older version only, which its state file tells, or by none that had a key:
// who takes the seal away to have his own records sealed finds a newer file, or anchors that know
// more than an old one.
std::optional<audit::Frontier> unsealed_history(const store::LogReader& snapshot,
                                                const OutsideEvidence& outside,
                                                const fs::path& state_file,
                                                const LogKey& key,
                                                bool is_key_new) {
    const auto seal = snapshot.seal();
    if (!seal || !seal->signature.empty() || snapshot.head().size == 0) {
        return std::nullopt;
    }
    const audit::SignerState last = signed_state(snapshot, state_file, key.keys);
    const audit::Frontier head = confirmed_head(snapshot, last);
    const bool is_newest =
        std::all_of(outside.trees.begin(), outside.trees.end(), [&last](const SignedTree& tree) {
            return tree.size <= last.tree.size();
        });
    const bool is_of_older_version = is_there(state_file) && !last.seals && is_newest;
    const bool is_signed = last.tree.size() == head.size();
    if (!is_signed && !is_of_older_version && !is_key_new) {
        throw NotAsSigned(audit::FindingKind::tampered,
                          "audit log: its seal was taken away, and there are " +
                              std::to_string(head.size()) + " records, of which " +
                              std::to_string(last.tree.size()) +
                              " were signed; nothing was written, run `dcm-billing audit verify`");
    }
    return head;
}

}  // namespace

std::optional<audit::SignerState> read_signer_state(const fs::path& file) {
    const auto text = read_file(file);
    if (!text) {
        return std::nullopt;
    }
    Result<audit::SignerState> state = audit::parse_signer_state(*text);
    if (!state.ok()) {
        throw Failure(ErrorKind::malformed, state.error().message + ", in " + file.string());
    }
    return std::move(state).value();
}

std::string origin_of(const std::string& deployment, const std::string& log_id) {
    return audit::format_origin({deployment, log_id});
}

audit::SigningKey create_log_key(store::Database& database, const SignerSetup& setup) {
    if (is_there(setup.places.key)) {
        throw Failure(ErrorKind::environment,
                      "expected no key at " + setup.places.key.string() +
                          ", there is one: a key is never overwritten");
    }
    const store::LogReader snapshot(database);
    require_never_signed(snapshot, setup.places);
    return create_key(setup.places.key, origin_of(setup.deployment, snapshot.log_id()));
}

LogKey load_log_key(store::Database& database, const SignerSetup& setup) {
    const store::LogReader snapshot(database);
    if (!is_there(setup.places.key)) {
        require_never_signed(snapshot, setup.places);
    }
    const std::string origin = origin_of(setup.deployment, snapshot.log_id());
    audit::SigningKey key = load_or_create_key(setup.places.key, origin);
    Result<audit::LogKeys> keys = audit::LogKeys::follow(key.verifier(), snapshot.key_changes());
    if (!keys.ok()) {
        throw NotAsSigned(audit::FindingKind::tampered,
                          "nothing was written: " + keys.error().message + "; see audit verify");
    }
    require_newest_key(keys.value(), key.verifier(), setup.places.key);
    require_key_of_log(snapshot, setup.places, key.verifier(), origin);
    return {std::move(key), std::move(keys).value(), std::nullopt};
}

LogKey open_log(store::Database& writer, const SignerSetup& setup, AnchorSet& anchors) {
    const bool is_key_new = !is_there(setup.places.key);
    LogKey key = load_log_key(writer, setup);
    const OutsideEvidence outside = read_outside_evidence(setup.places.state, anchors, key.keys);
    std::optional<audit::Frontier> history;
    {
        const store::LogReader snapshot(writer);
        require_unharmed(quick_check(snapshot, outside, key.keys));
        history = unsealed_history(snapshot, outside, setup.places.state, key, is_key_new);
    }
    if (history) {
        store::seal_history(writer, *history, key.signing);
    }
    return key;
}

audit::Frontier read_again(const store::LogReader& snapshot, std::int64_t size) {
    audit::Frontier tree;
    std::string leaf_data;
    snapshot.each_leaf(0, size, [&tree, &leaf_data](const audit::Record& record) {
        audit::encode_leaf(record, leaf_data);
        tree.append(audit::leaf_hash(leaf_data));
    });
    return tree;
}

audit::Frontier head_of(const store::LogReader& snapshot) {
    const store::LogHead head = snapshot.head();
    Result<audit::Frontier> tree = audit::Frontier::restore(head.size, head.frontier);
    if (!tree.ok()) {
        throw Failure(ErrorKind::environment, "nothing is signed: " + tree.error().message);
    }
    return std::move(tree).value();
}

audit::SignerState signed_state(const store::LogReader& snapshot,
                                const fs::path& file,
                                const audit::LogKeys& keys) {
    if (auto state = read_signer_state(file)) {
        return *std::move(state);
    }
    const auto newest = snapshot.newest_checkpoint();
    if (!newest) {
        return {};
    }
    audit::SignerState state;
    state.tree = read_again(snapshot, newest->size);
    const audit::OpenedLogNote opened = audit::open_log_note(newest->note, keys);
    const auto* const note = std::get_if<audit::LogNote>(&opened.state);
    if (note == nullptr || note->is_lost ||
        note->checkpoint != audit::checkpoint_of(state, note->checkpoint.origin)) {
        throw Failure(ErrorKind::environment,
                      "nothing is signed: the stored checkpoint of " +
                          std::to_string(newest->size) +
                          " records is not what the records give; see audit verify");
    }
    return state;
}

}  // namespace dcm::anchors
