#include "anchors/start_check.h"

#include "anchors/file_io.h"
#include "audit/signer.h"
#include "audit/tree.h"
#include "store/merkle_reader.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace dcm::anchors {
namespace {

using audit::FindingKind;

constexpr const char* kOfAnotherKey =
    "another key signed the database: it is a copy from before the change of keys";

std::optional<SignedTree> newest_of(const NewestNotes& anchor, const audit::LogKeys& keys) {
    const Result<std::vector<std::string>> notes = audit::split_notes(anchor.text);
    std::optional<SignedTree> newest;
    if (!notes.ok()) {
        return newest;
    }
    for (const std::string& note : notes.value()) {
        const audit::OpenedLogNote opened = audit::open_log_note(note, keys);
        const auto* const found = std::get_if<audit::LogNote>(&opened.state);
        if (found != nullptr && !found->is_lost) {
            newest =
                SignedTree{"anchor " + anchor.name, found->checkpoint.size, found->checkpoint.root};
        }
    }
    return newest;
}

bool ends_with_stranger(const NewestNotes& anchor, const audit::LogKeys& keys) {
    const Result<std::vector<std::string>> notes = audit::split_notes(anchor.text);
    if (!notes.ok() || notes.value().empty()) {
        return false;
    }
    const audit::OpenedLogNote opened = audit::open_log_note(notes.value().back(), keys);
    const auto* const problem = std::get_if<audit::NoteProblem>(&opened.state);
    return problem != nullptr && problem->fault == audit::NoteFault::unsigned_by_key;
}

std::string count_of(std::int64_t records) {
    return std::to_string(records) + (records == 1 ? " record" : " records");
}

// Collects what the parts of the quick check find.
class QuickCheck {
public:
    QuickCheck(const store::LogReader& snapshot, const audit::LogKeys& keys)
        : snapshot_(snapshot), keys_(keys), head_(snapshot.head()), tree_(snapshot) {}

    audit::Findings run(const OutsideEvidence& outside) {
        if (key_came_after(snapshot_, outside, keys_)) {
            findings_.add({FindingKind::rolled_back, std::nullopt, kOfAnotherKey});
            return std::move(findings_);
        }
        try {
            const Result<audit::Frontier> head =
                audit::Frontier::restore(head_.size, head_.frontier);
            if (!head.ok()) {
                tampered(head.error().message);
                return std::move(findings_);
            }
            check_head(head.value());
            check_last_records();
            for (const SignedTree& tree : outside.trees) {
                check_signed(tree);
            }
            check_newest_checkpoint();
        } catch (const Failure& failure) {
            // Tiles that are missing or cut short.
            if (failure.kind() != ErrorKind::malformed) {
                throw;
            }
            tampered(failure.what());
        }
        return std::move(findings_);
    }

private:
    void check_head(const audit::Frontier& head) {
        if (head.root() != tree_.root(head_.size)) {
            tampered("the head is not the root of the tiles");
        }
        const auto seal = snapshot_.seal();
        const audit::SealState state = audit::judge_seal(seal, head, keys_.newest());
        if (state != audit::SealState::fits && state != audit::SealState::unsealed) {
            findings_.add({state == audit::SealState::ahead ? FindingKind::rolled_back
                                                            : FindingKind::tampered,
                           std::nullopt,
                           audit::describe_seal(state, seal, head_.size)});
        }
    }

    // Those of the tile that is not full yet; there are none behind them.
    void check_last_records() {
        std::string edge;
        std::string leaf_data;
        const std::int64_t first = head_.size - head_.size % audit::kTileWidth;
        snapshot_.each_leaf(first,
                            std::numeric_limits<std::int64_t>::max(),
                            [&edge, &leaf_data](const audit::Record& record) {
                                audit::encode_leaf(record, leaf_data);
                                edge += audit::hash_bytes(audit::leaf_hash(leaf_data));
                            });
        if (edge != head_.edge) {
            tampered("the last records are not those of the head");
        }
    }

    void check_signed(const SignedTree& tree) {
        if (tree.size > head_.size) {
            findings_.add({FindingKind::rolled_back,
                           std::nullopt,
                           "expected a database of at least " + count_of(tree.size) + ", as " +
                               tree.place + " says were signed, got one of " +
                               std::to_string(head_.size)});
        } else if (tree_.root(tree.size) != tree.root) {
            tampered(tree.place + " says that another history of " + count_of(tree.size) +
                     " was signed");
        }
    }

    void check_newest_checkpoint() {
        const auto newest = snapshot_.newest_checkpoint();
        if (!newest) {
            return;
        }
        const std::string place =
            "the stored checkpoint of " + std::to_string(newest->size) + " records";
        const audit::OpenedLogNote opened = audit::open_log_note(newest->note, keys_);
        const auto* const found = std::get_if<audit::LogNote>(&opened.state);
        if (found == nullptr || found->is_lost || found->checkpoint.size != newest->size) {
            tampered(place + " is not one that the log's key signed");
            return;
        }
        check_signed({place, found->checkpoint.size, found->checkpoint.root});
    }

    void tampered(std::string text) {
        findings_.add({FindingKind::tampered, std::nullopt, std::move(text)});
    }

    const store::LogReader& snapshot_;
    const audit::LogKeys& keys_;
    store::LogHead head_;
    store::MerkleReader tree_;
    audit::Findings findings_;
};

}  // namespace

OutsideEvidence read_outside_evidence(const std::filesystem::path& state_file,
                                      AnchorSet& anchors,
                                      const audit::LogKeys& keys) {
    OutsideEvidence evidence;
    if (const auto state = read_signer_state(state_file)) {
        evidence.trees.push_back({state_file.string(), state->tree.size(), state->tree.root()});
    }
    for (const NewestNotes& anchor : anchors.read_newest()) {
        if (auto newest = newest_of(anchor, keys)) {
            evidence.trees.push_back(*std::move(newest));
        }
        if (ends_with_stranger(anchor, keys)) {
            evidence.strangers.push_back(anchor.name);
        }
    }
    return evidence;
}

bool key_came_after(const store::LogReader& snapshot,
                    const OutsideEvidence& outside,
                    const audit::LogKeys& keys) {
    const auto newest = snapshot.newest_checkpoint();
    std::int64_t largest = 0;
    for (const SignedTree& tree : outside.trees) {
        largest = std::max(largest, tree.size);
    }
    return newest && audit::came_after({keys, newest->note, snapshot.head().size, largest});
}

audit::Findings quick_check(const store::LogReader& snapshot,
                            const OutsideEvidence& outside,
                            const audit::LogKeys& keys) {
    return QuickCheck(snapshot, keys).run(outside);
}

void require_unharmed(const audit::Findings& findings) {
    const std::optional<FindingKind> worst = findings.worst();
    if (!worst) {
        return;
    }
    std::string texts;
    for (const audit::Finding& finding : findings.kept()) {
        if (finding.kind == *worst) {
            texts += (texts.empty() ? "" : "; ") + finding.text;
        }
    }
    const bool is_rolled_back = *worst == FindingKind::rolled_back;
    throw NotAsSigned(
        *worst,
        "nothing was written: " + texts +
            (is_rolled_back ? ": it was rolled back or restored from a backup; see audit "
                              "verify, and audit fork to go on from it"
                            : ": it was tampered with; see audit verify"));
}

}  // namespace dcm::anchors
