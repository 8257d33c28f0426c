#pragma once

#include "anchors/anchor_set.h"
#include "anchors/log_opening.h"
#include "audit/verdict.h"
#include "store/log_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::anchors {

// The database is not what was signed: it was tampered with, or rolled back. Contracts give each an
// exit code of its own.
class NotAsSigned : public Failure {
public:
    NotAsSigned(audit::FindingKind finding, const std::string& message)
        : Failure(ErrorKind::environment, message), finding_(finding) {}

    [[nodiscard]] audit::FindingKind finding() const { return finding_; }

private:
    audit::FindingKind finding_;
};

// A tree that was signed, and who says so.
struct SignedTree {
    std::string place;
    std::int64_t size = 0;
    audit::Hash root{};
};

// What is known outside the database of what was signed: the signer's state and the newest note of
// each anchor. Read before the snapshot it is held against: read later it may know more, and a log
// that merely grew would look rolled back.
struct OutsideEvidence {
    std::vector<SignedTree> trees;
    // Anchors whose newest note none of the keys signed.
    std::vector<std::string> strangers;
};
// Throws Failure (malformed) when the state file is damaged. An anchor that cannot be read, or
// holds nothing that the key signed, says nothing; AnchorSet::take_notices() tells.
[[nodiscard]] OutsideEvidence read_outside_evidence(const std::filesystem::path& state_file,
                                                    AnchorSet& anchors,
                                                    const audit::LogKeys& keys);

// Whether the database is a copy from before the change of keys that brought the key of now.
[[nodiscard]] bool key_came_after(const store::LogReader& snapshot,
                                  const OutsideEvidence& outside,
                                  const audit::LogKeys& keys);

// The quick form of `audit verify`, in time that does not grow with the log: head, tiles and the
// records of the last tile fit each other and the seal, and the tree leads from every signed one.
// What is changed further back is found by the full form only.
[[nodiscard]] audit::Findings quick_check(const store::LogReader& snapshot,
                                          const OutsideEvidence& outside,
                                          const audit::LogKeys& keys);

// Throws NotAsSigned when the findings say so.
void require_unharmed(const audit::Findings& findings);

}  // namespace dcm::anchors
