#include "store/merkle_reader.h"

#include "base/check.h"

#include <algorithm>
#include <bit>

namespace dcm::store {
namespace {

constexpr int kTileBits = 8;
// The right edge of a level is made of at most 255 tiles of the level below.
constexpr std::size_t kTilesKeptMax = 1'024;

[[noreturn]] void refuse_tree(const std::string& why) {
    throw Failure(ErrorKind::malformed, "audit log: " + why + "; run `dcm-billing audit verify`");
}

audit::Hash hash_in(const std::string& hashes, std::int64_t place) {
    const auto at = static_cast<std::size_t>(place) * audit::kHashBytes;
    const auto hash = audit::hash_from_bytes(
        std::string_view(hashes).substr(std::min(at, hashes.size()), audit::kHashBytes));
    if (!hash) {
        refuse_tree("the leaf hashes beside the head do not fit its size");
    }
    return *hash;
}

}  // namespace

MerkleReader::MerkleReader(const LogReader& snapshot)
    : snapshot_(snapshot), head_(snapshot.head()) {}

audit::Hash MerkleReader::root(std::int64_t size) {
    DCM_CHECK(size >= 0 && size <= head_.size);
    return size == 0 ? audit::empty_root() : subtree({0, size});
}

std::vector<audit::Hash> MerkleReader::proof(const std::vector<audit::LeafRange>& ranges) {
    std::vector<audit::Hash> hashes;
    hashes.reserve(ranges.size());
    for (const audit::LeafRange& range : ranges) {
        hashes.push_back(subtree(range));
    }
    return hashes;
}

audit::Hash MerkleReader::subtree(audit::LeafRange range) {
    DCM_CHECK(range.start >= 0 && range.start < range.end && range.end <= head_.size);
    // The complete subtrees it consists of, the largest first, then folded from the right.
    std::vector<audit::Hash> parts;
    for (std::int64_t start = range.start; start < range.end;) {
        const auto rest = static_cast<std::uint64_t>(range.end - start);
        const int height = static_cast<int>(std::bit_width(rest)) - 1;
        DCM_CHECK(height >= 0);  // the loop goes on only while something is left
        parts.push_back(complete_subtree(start, height));
        start += std::int64_t{1} << height;
    }
    audit::Hash root = parts.back();
    for (parts.pop_back(); !parts.empty(); parts.pop_back()) {
        root = audit::node_hash(parts.back(), root);
    }
    return root;
}

audit::Hash MerkleReader::complete_subtree(std::int64_t start, int height) {
    const int level = height / kTileBits;
    const std::int64_t first = start >> (level * kTileBits);
    const std::int64_t count = std::int64_t{1} << (height % kTileBits);
    audit::Frontier frontier;
    for (std::int64_t index = first; index < first + count; ++index) {
        frontier.append(hash_at(level, index));
    }
    return frontier.root();
}

audit::Hash MerkleReader::hash_at(int level, std::int64_t index) {
    const std::int64_t full = head_.size >> ((level + 1) * kTileBits);
    const std::int64_t tile = index / audit::kTileWidth;
    if (tile < full) {
        return hash_in(full_tile({level, tile}), index % audit::kTileWidth);
    }
    // The tile is not full yet, so it is not stored.
    return level == 0 ? hash_in(head_.edge, index % audit::kTileWidth)
                      : audit::tile_root(full_tile({level - 1, index}));
}

const std::string& MerkleReader::full_tile(const TilePlace& place) {
    const auto kept = tiles_.find(place);
    if (kept != tiles_.end()) {
        return kept->second;
    }
    if (tiles_.size() == kTilesKeptMax) {
        tiles_.clear();
    }
    const auto stored = snapshot_.tile({place.first, place.second});
    if (!stored ||
        stored->size() != static_cast<std::size_t>(audit::kTileWidth) * audit::kHashBytes) {
        refuse_tree("tile " + std::to_string(place.second) + " of level " +
                    std::to_string(place.first) + (stored ? " has a wrong length" : " is missing"));
    }
    return tiles_.emplace(place, *stored).first->second;
}

}  // namespace dcm::store
