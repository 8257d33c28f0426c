#include "audit/proof.h"

#include "audit/tree.h"
#include "base/check.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace dcm::audit {
namespace {

// The largest power of two below `count`: where RFC 6962 splits a tree of that many leaves.
std::int64_t split_point(std::int64_t count) {
    DCM_CHECK(count > 1);
    return static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(count - 1)));
}

// The walk from a leaf to the root in RFC 9162 sections 2.1.3.2 and 2.1.4.2.
struct PathPosition {
    std::uint64_t node = 0;  // fn: this node's index on its level
    std::uint64_t last = 0;  // sn: the last index on that level

    [[nodiscard]] bool sibling_is_left() const { return (node & 1U) != 0 || node == last; }
    void rise() {
        node >>= 1U;
        last >>= 1U;
    }
    // A last node without a right sibling stands for itself on the levels above.
    void skip_unpaired_levels() {
        while ((node & 1U) == 0 && node != 0) {
            rise();
        }
    }
};

}  // namespace

std::vector<LeafRange> inclusion_ranges(const InclusionQuery& query) {
    DCM_CHECK(query.index >= 0 && query.index < query.size);
    std::vector<LeafRange> ranges;
    LeafRange tree{0, query.size};
    while (tree.end - tree.start > 1) {
        const std::int64_t middle = tree.start + split_point(tree.end - tree.start);
        if (query.index < middle) {
            ranges.push_back({middle, tree.end});
            tree.end = middle;
        } else {
            ranges.push_back({tree.start, middle});
            tree.start = middle;
        }
    }
    std::reverse(ranges.begin(), ranges.end());
    return ranges;
}

std::vector<LeafRange> consistency_ranges(const ConsistencyQuery& query) {
    DCM_CHECK(query.old_size >= 0 && query.old_size <= query.new_size);
    std::vector<LeafRange> ranges;
    if (query.old_size == 0) {
        return ranges;
    }
    LeafRange tree{0, query.new_size};
    while (tree.end != query.old_size) {
        const std::int64_t middle = tree.start + split_point(tree.end - tree.start);
        if (query.old_size <= middle) {
            ranges.push_back({middle, tree.end});
            tree.end = middle;
        } else {
            ranges.push_back({tree.start, middle});
            tree.start = middle;
        }
    }
    // The old tree itself is known to the verifier; a subtree at its right edge is not.
    if (tree.start != 0) {
        ranges.push_back(tree);
    }
    std::reverse(ranges.begin(), ranges.end());
    return ranges;
}

struct ProofBuilder::Subtree {
    LeafRange range;
    Frontier frontier;
};

ProofBuilder::ProofBuilder(const std::vector<LeafRange>& ranges) {
    subtrees_.reserve(ranges.size());
    for (const LeafRange& range : ranges) {
        subtrees_.push_back({range, Frontier()});
    }
}

ProofBuilder::ProofBuilder(ProofBuilder&&) noexcept = default;
ProofBuilder& ProofBuilder::operator=(ProofBuilder&&) noexcept = default;
ProofBuilder::~ProofBuilder() = default;

void ProofBuilder::append(const Hash& leaf) {
    for (Subtree& subtree : subtrees_) {
        if (next_ >= subtree.range.start && next_ < subtree.range.end) {
            subtree.frontier.append(leaf);
        }
    }
    ++next_;
}

std::vector<Hash> ProofBuilder::proof() const {
    std::vector<Hash> hashes;
    hashes.reserve(subtrees_.size());
    for (const Subtree& subtree : subtrees_) {
        DCM_CHECK(next_ >= subtree.range.end);
        hashes.push_back(subtree.frontier.root());
    }
    return hashes;
}

std::string format_tlog_proof(const InclusionProof& proof) {
    return "c2sp.org/tlog-proof@v1\nindex " + std::to_string(proof.index) + "\n" +
           format_hashes(proof.hashes) + "\n" + proof.note;
}

std::string format_hashes(const std::vector<Hash>& hashes) {
    std::string text;
    for (const Hash& hash : hashes) {
        text += to_base64(hash);
        text += '\n';
    }
    return text;
}

std::vector<Hash> inclusion_proof(const std::vector<Hash>& leaves, std::int64_t index) {
    ProofBuilder builder(
        inclusion_ranges({.index = index, .size = static_cast<std::int64_t>(leaves.size())}));
    for (const Hash& leaf : leaves) {
        builder.append(leaf);
    }
    return builder.proof();
}

std::vector<Hash> consistency_proof(const std::vector<Hash>& leaves, std::int64_t old_size) {
    ProofBuilder builder(consistency_ranges(
        {.old_size = old_size, .new_size = static_cast<std::int64_t>(leaves.size())}));
    for (const Hash& leaf : leaves) {
        builder.append(leaf);
    }
    return builder.proof();
}

bool verify_inclusion(const InclusionClaim& claim, const std::vector<Hash>& proof) {
    if (claim.index < 0 || claim.index >= claim.size) {
        return false;
    }
    PathPosition position{static_cast<std::uint64_t>(claim.index),
                          static_cast<std::uint64_t>(claim.size - 1)};
    Hash root = claim.leaf;
    for (const Hash& sibling : proof) {
        if (position.last == 0) {
            return false;
        }
        if (position.sibling_is_left()) {
            root = node_hash(sibling, root);
            position.skip_unpaired_levels();
        } else {
            root = node_hash(root, sibling);
        }
        position.rise();
    }
    return position.last == 0 && root == claim.root;
}

bool verify_consistency(const ConsistencyClaim& claim, const std::vector<Hash>& proof) {
    if (claim.old_size < 0 || claim.old_size > claim.new_size) {
        return false;
    }
    if (claim.old_size == 0 && claim.old_root != empty_root()) {
        return false;
    }
    if (claim.old_size == claim.new_size) {
        return proof.empty() && claim.old_root == claim.new_root;
    }
    if (claim.old_size == 0) {
        return proof.empty();
    }
    // The proof of an old tree that is a complete subtree leaves its root out.
    std::vector<Hash> path = proof;
    if (std::has_single_bit(static_cast<std::uint64_t>(claim.old_size))) {
        path.insert(path.begin(), claim.old_root);
    }
    if (path.empty()) {
        return false;
    }
    PathPosition position{static_cast<std::uint64_t>(claim.old_size - 1),
                          static_cast<std::uint64_t>(claim.new_size - 1)};
    while ((position.node & 1U) != 0) {
        position.rise();
    }
    Hash old_root = path.front();
    Hash new_root = path.front();
    for (auto sibling = std::next(path.begin()); sibling != path.end(); ++sibling) {
        if (position.last == 0) {
            return false;
        }
        if (position.sibling_is_left()) {
            old_root = node_hash(*sibling, old_root);
            new_root = node_hash(*sibling, new_root);
            position.skip_unpaired_levels();
        } else {
            new_root = node_hash(new_root, *sibling);
        }
        position.rise();
    }
    return position.last == 0 && old_root == claim.old_root && new_root == claim.new_root;
}

}  // namespace dcm::audit
