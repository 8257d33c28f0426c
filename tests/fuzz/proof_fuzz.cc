// Proofs of any claimed size are decided without harm, whatever numbers they come with; those of a
// small tree hold exactly for what they prove.
//
// Input: two 64-bit numbers, one byte that spoils a proof, then hashes as they come.

#include "audit/proof.h"
#include "audit/tile_check.h"
#include "audit/tree.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace dcm::fuzz {
namespace {

using audit::Hash;

constexpr std::int64_t kLeavesMax = 40;
constexpr std::int64_t kTilesTried = 300;
constexpr std::size_t kProofMax = 64;  // a path in a tree of 2^63 leaves has no more

std::vector<Hash> hashes_of(std::string_view bytes) {
    std::vector<Hash> hashes;
    while (hashes.size() < 2 * kProofMax) {
        const auto hash = audit::hash_from_bytes(bytes.substr(0, audit::kHashBytes));
        if (!hash) break;
        hashes.push_back(*hash);
        bytes.remove_prefix(audit::kHashBytes);
    }
    return hashes;
}

// RFC 6962 section 2.1, word by word.
Hash merkle_root(const std::vector<Hash>& leaves) {
    if (leaves.empty()) return audit::empty_root();
    std::vector<Hash> level = leaves;
    while (level.size() > 1) {
        std::vector<Hash> above;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
            above.push_back(audit::node_hash(level[i], level[i + 1]));
        }
        if (level.size() % 2 == 1) above.push_back(level.back());
        level = above;
    }
    return level.front();
}

// Claims nobody made a tree for. By chance alone none of them holds.
void check_claims(std::int64_t first, std::int64_t second, const std::vector<Hash>& proof) {
    Hash other{};
    other.fill(1);
    const bool one_leaf = first == 0 && second == 1 && proof.empty();
    DCM_CHECK(audit::verify_inclusion({other, first, second, other}, proof) == one_leaf);
    const bool same_tree = first >= 0 && first == second && proof.empty() && first != 0;
    DCM_CHECK(audit::verify_consistency({first, other, second, other}, proof) == same_tree);
}

// The subtrees of a proof, and what they leave out, are the whole tree: each leaf once.
void check_ranges(std::int64_t index, std::int64_t size) {
    std::vector<audit::LeafRange> ranges = audit::inclusion_ranges({index, size});
    DCM_CHECK(ranges.size() <= kProofMax);
    ranges.push_back({index, index + 1});
    std::sort(ranges.begin(), ranges.end(), [](const auto& left, const auto& right) {
        return left.start < right.start;
    });
    std::int64_t covered = 0;
    for (const audit::LeafRange& range : ranges) {
        DCM_CHECK(range.start == covered && range.end > range.start);
        covered = range.end;
    }
    DCM_CHECK(covered == size);
    const auto consistency = audit::consistency_ranges({index, size});
    DCM_CHECK(consistency.size() <= kProofMax);
    DCM_CHECK(audit::full_tile_count(size) >= audit::full_tile_count(index));
}

std::vector<Hash> leaves_of(std::int64_t count) {
    std::vector<Hash> leaves;
    for (std::int64_t i = 0; i < count; ++i) {
        leaves.push_back(audit::leaf_hash(std::to_string(i)));
    }
    return leaves;
}

void check_small_tree(std::int64_t index, std::int64_t size, std::uint8_t spoil) {
    const std::vector<Hash> leaves = leaves_of(size);
    const std::vector<Hash> old_leaves = leaves_of(index);
    const Hash root = merkle_root(leaves);
    const Hash old_root = merkle_root(old_leaves);
    DCM_CHECK(audit::tree_root(leaves) == root);
    std::vector<Hash> path = audit::inclusion_proof(leaves, index);
    std::vector<Hash> growth = audit::consistency_proof(leaves, index);
    const Hash& leaf = leaves[static_cast<std::size_t>(index)];
    DCM_CHECK(audit::verify_inclusion({leaf, index, size, root}, path));
    DCM_CHECK(audit::verify_consistency({index, old_root, size, root}, growth));
    for (std::vector<Hash>* const proof : {&path, &growth}) {
        if (proof->empty()) continue;
        (*proof)[spoil % proof->size()][spoil % audit::kHashBytes] ^= 1U;
    }
    DCM_CHECK(path.empty() || !audit::verify_inclusion({leaf, index, size, root}, path));
    DCM_CHECK(growth.empty() || !audit::verify_consistency({index, old_root, size, root}, growth));
}

void check_frontier(std::int64_t size, std::string_view bytes) {
    const auto frontier = audit::Frontier::restore(size, bytes);
    if (!frontier.ok()) return;
    DCM_CHECK(frontier.value().size() == size && frontier.value().hashes() == bytes);
    if (size == std::numeric_limits<std::int64_t>::max()) return;
    audit::Frontier grown = frontier.value();
    grown.append(Hash{});
    DCM_CHECK(grown.size() == size + 1 && grown.root() != frontier.value().root());
}

// Beginning at any size, what is held against the stored tiles are the full tiles that follow.
void check_tiles(std::int64_t start, std::string_view stored) {
    audit::TileCheck check(start, [stored](const audit::TileId& tile) {
        DCM_CHECK(tile.level >= 0 && tile.index >= 0);
        return std::optional(std::string(stored));
    });
    for (std::int64_t i = 0; i < kTilesTried; ++i) {
        check.append(Hash{});
    }
    check.check_edge(stored);
    DCM_CHECK(check.matched_size() >= start && check.matched_size() <= start + kTilesTried);
}

}  // namespace

void examine(std::string_view bytes) {
    Input input(bytes);
    const std::int64_t first = input.number();
    const std::int64_t second = input.number();
    const std::uint8_t spoil = input.byte();
    const std::string_view rest = input.rest();
    check_claims(first, second, hashes_of(rest));
    check_frontier(first, rest);
    if (first < 0 || second <= first) return;
    check_ranges(first, second);
    if (second <= kLeavesMax) check_small_tree(first, second, spoil);
    // Hashing a whole tile takes longer than all the rest, so only some inputs ask for it.
    const bool fits = first <= std::numeric_limits<std::int64_t>::max() - kTilesTried;
    if (fits && spoil % 16 == 0) check_tiles(first, rest);
}

}  // namespace dcm::fuzz
