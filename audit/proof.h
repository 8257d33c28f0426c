#pragma once

#include "audit/hash.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// Leaves [start, end) that form one subtree of the tree.
struct LeafRange {
    std::int64_t start = 0;
    std::int64_t end = 0;

    bool operator==(const LeafRange&) const = default;
};

struct InclusionQuery {
    std::int64_t index = 0;  // in [0, size)
    std::int64_t size = 0;
};
struct ConsistencyQuery {
    std::int64_t old_size = 0;  // in [0, new_size]
    std::int64_t new_size = 0;
};

// The subtrees whose roots are the proof of RFC 6962 section 2.1.1 or 2.1.2, in its order.
[[nodiscard]] std::vector<LeafRange> inclusion_ranges(const InclusionQuery& query);
[[nodiscard]] std::vector<LeafRange> consistency_ranges(const ConsistencyQuery& query);

// Computes the proof for some ranges from one pass over the leaves of a log of any size; it holds
// one frontier per hash of the proof.
class ProofBuilder {
public:
    explicit ProofBuilder(const std::vector<LeafRange>& ranges);
    ProofBuilder(const ProofBuilder&) = delete;
    ProofBuilder& operator=(const ProofBuilder&) = delete;
    ProofBuilder(ProofBuilder&&) noexcept;
    ProofBuilder& operator=(ProofBuilder&&) noexcept;
    ~ProofBuilder();

    // The leaves from 0 on, each once, at least up to the largest end of a range.
    void append(const Hash& leaf);
    [[nodiscard]] std::vector<Hash> proof() const;

private:
    struct Subtree;
    std::vector<Subtree> subtrees_;
    std::int64_t next_ = 0;
};

// A C2SP tlog-proof: what `audit prove --seq N` prints.
struct InclusionProof {
    std::int64_t index = 0;
    std::vector<Hash> hashes;
    std::string note;  // the signed checkpoint it leads to
};
[[nodiscard]] std::string format_tlog_proof(const InclusionProof& proof);

// Base64, one hash a line: what `audit prove --consistency A B` prints.
[[nodiscard]] std::string format_hashes(const std::vector<Hash>& hashes);

}  // namespace dcm::audit
