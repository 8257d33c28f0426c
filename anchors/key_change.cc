#include "anchors/key_change.h"

#include "anchors/file_io.h"
#include "anchors/key_file.h"
#include "anchors/signer.h"
#include "anchors/start_check.h"
#include "store/key_change.h"

#include <algorithm>
#include <utility>

namespace dcm::anchors {
namespace {

namespace fs = std::filesystem;
using audit::KeyChange;

fs::path next_key_file(const SignerSetup& setup) {
    return beside(setup.places.key, ".next");
}

// The largest tree that was signed: what an older copy lacks.
const SignedTree& largest(const OutsideEvidence& outside) {
    return *std::max_element(
        outside.trees.begin(), outside.trees.end(), [](const SignedTree& a, const SignedTree& b) {
            return a.size < b.size;
        });
}

// A fork says which key came before: a copy that does not know the log's newest key cannot, and
// what that one signed would speak against the fork for ever.
void require_no_change_of_keys(const store::LogReader& snapshot,
                               const OutsideEvidence& outside,
                               const audit::LogKeys& keys) {
    const std::string why =
        "nothing was changed: the database is a copy from before a change of "
        "keys, which can be read and verified with the key of before, and not "
        "forked from";
    if (key_came_after(snapshot, outside, keys)) {
        throw Failure(ErrorKind::malformed, why);
    }
    if (!outside.strangers.empty()) {
        throw Failure(
            ErrorKind::malformed,
            why + ": anchor " + outside.strangers.front() + " ends with a note of a later key");
    }
}

}  // namespace

std::optional<KeyChange> unfinished_change(store::Database& database, const SignerSetup& setup) {
    const fs::path file = next_key_file(setup);
    if (!is_there(file)) {
        return std::nullopt;
    }
    const audit::SigningKey next = load_key(file);
    const std::vector<audit::Record> changes = store::LogReader(database).key_changes();
    if (!changes.empty()) {
        KeyChange change = value_or_throw(audit::parse_key_change(changes.back()));
        if (change.new_key.text() == next.verifier().text()) {
            return change;
        }
    }
    fs::remove(file);
    return std::nullopt;
}

KeyChange begin_rotation(store::Database& database,
                         const SignerSetup& setup,
                         AnchorSet& anchors,
                         const Clock& clock,
                         const std::string& actor) {
    const LogKey key = open_log(database, setup, anchors);
    const audit::VerifierKey& old_key = key.signing.verifier();
    const audit::SigningKey next = create_key(next_key_file(setup), old_key.name());
    KeyChange change{KeyChange::Kind::rotated, 0, old_key, next.verifier(), 0, {}, ""};
    store::append_key_change(
        database, clock, {actor, "rotate the key"}, {key.signing, next}, change);
    return change;
}

std::optional<KeyChange> begin_fork(store::Database& database,
                                    const SignerSetup& setup,
                                    AnchorSet& anchors,
                                    const Clock& clock,
                                    const Fork& fork) {
    const LogKey key = load_log_key(database, setup);
    const OutsideEvidence outside = read_outside_evidence(setup.places.state, anchors, key.keys);
    const audit::Findings findings = quick_check(store::LogReader(database), outside, key.keys);
    if (!findings.worst()) {
        return std::nullopt;
    }
    if (findings.worst() != audit::FindingKind::rolled_back || outside.trees.empty()) {
        require_unharmed(findings);
    }
    require_no_change_of_keys(store::LogReader(database), outside, key.keys);
    const SignedTree& lost = largest(outside);
    const audit::SigningKey next = create_key(
        next_key_file(setup), origin_of(setup.deployment, store::fresh_log_id(database)));
    KeyChange change{KeyChange::Kind::forked,
                     0,
                     key.signing.verifier(),
                     next.verifier(),
                     lost.size,
                     lost.root,
                     fork.reason};
    store::append_key_change(
        database, clock, {fork.actor, "fork the log"}, {key.signing, next}, change);
    return change;
}

void finish_change(store::Database& database,
                   const SignerSetup& setup,
                   const KeyChange& change,
                   AnchorSet& anchors,
                   const Clock& clock) {
    audit::SigningKey old_key = load_key(setup.places.key);
    audit::SigningKey new_key = load_key(next_key_file(setup));
    const auto changes = store::LogReader(database).key_changes();
    audit::LogKeys keys = value_or_throw(audit::LogKeys::follow(new_key.verifier(), changes));
    if (change.kind == KeyChange::Kind::forked) {
        // The signer goes on from the copy, not from what it signed behind it.
        audit::SignerState state;
        state.tree = read_again(store::LogReader(database), change.seq);
        replace_file(setup.places.state, audit::format_signer_state(state));
        anchors.forget();
    }
    const LogKey key{std::move(new_key), std::move(keys), std::move(old_key)};
    Signer(database, setup, key, anchors, clock).sign();
    move_over(next_key_file(setup), {setup.places.key});
}

}  // namespace dcm::anchors
