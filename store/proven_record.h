#pragma once

#include "audit/hash.h"
#include "audit/proof.h"
#include "audit/verdict.h"
#include "store/log_reader.h"
#include "store/merkle_reader.h"

#include <cstdint>
#include <vector>

namespace dcm::store {

// Holds records of one snapshot, and what lies beside them, against the tree of its head: before
// something is decided by what somebody may have edited.
class ProvenRecords {
public:
    // The snapshot outlives this. Throws Failure (malformed) when the head holds no tree.
    explicit ProvenRecords(const LogReader& snapshot);
    ProvenRecords(const ProvenRecords&) = delete;
    ProvenRecords& operator=(const ProvenRecords&) = delete;
    ~ProvenRecords() = default;

    // Nothing is found where the record is the leaf at its seq, and what lies beside it is what it
    // commits to, or was erased. The NATS subject is not covered by that. Throws Failure
    // (malformed) when tiles are missing.
    [[nodiscard]] std::vector<audit::Finding> examine(std::int64_t seq);

private:
    [[nodiscard]] bool is_leaf(std::int64_t seq, const audit::Hash& leaf);

    const LogReader& snapshot_;
    MerkleReader tree_;
    audit::Hash root_;
    // Of the proof before: records one after the other share most of theirs.
    std::vector<audit::LeafRange> ranges_;
    std::vector<audit::Hash> hashes_;
};

}  // namespace dcm::store
