#include "audit/tree.h"

#include "base/check.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <utility>

namespace dcm::audit {
namespace {

constexpr std::size_t kTileBits = 8;
constexpr std::size_t kLevelsMax = 64 / kTileBits;

std::uint64_t unsigned_size(std::int64_t size) {
    DCM_CHECK(size >= 0);
    return static_cast<std::uint64_t>(size);
}

std::size_t frontier_count(std::int64_t size) {
    return static_cast<std::size_t>(std::popcount(unsigned_size(size)));
}

// Complete subtrees of 256^level leaves in a tree of this size: the hashes on that tile level.
std::int64_t hash_count(std::int64_t size, std::size_t level) {
    return level < kLevelsMax ? size >> (kTileBits * level) : 0;
}

// Levels of tiles in which a tree of this size has at least one hash.
std::size_t level_count(std::int64_t size) {
    const auto bits = static_cast<std::size_t>(std::bit_width(unsigned_size(size)));
    return (bits + kTileBits - 1) / kTileBits;
}

std::string concatenate(const std::vector<Hash>& hashes) {
    std::string bytes;
    bytes.reserve(hashes.size() * kHashBytes);
    for (const Hash& hash : hashes) {
        bytes += hash_bytes(hash);
    }
    return bytes;
}

}  // namespace

Result<Frontier> Frontier::restore(std::int64_t size, std::string_view hashes) {
    if (size < 0) {
        return malformed("expected a tree size of at least 0, got " + std::to_string(size));
    }
    const std::size_t bytes_expected = frontier_count(size) * kHashBytes;
    if (hashes.size() != bytes_expected) {
        return malformed("expected a frontier of " + std::to_string(bytes_expected) +
                         " bytes for size " + std::to_string(size) + ", got " +
                         std::to_string(hashes.size()));
    }
    Frontier frontier;
    frontier.size_ = size;
    for (std::size_t at = 0; at < hashes.size(); at += kHashBytes) {
        frontier.hashes_.push_back(*hash_from_bytes(hashes.substr(at, kHashBytes)));
    }
    return frontier;
}

void Frontier::append(const Hash& leaf) {
    Hash hash = leaf;
    // Each trailing one bit of the size is a complete subtree that the new one joins.
    for (auto rest = unsigned_size(size_); (rest & 1U) != 0; rest >>= 1U) {
        hash = node_hash(hashes_.back(), hash);
        hashes_.pop_back();
    }
    hashes_.push_back(hash);
    ++size_;
}

Hash Frontier::root() const {
    if (hashes_.empty()) {
        return empty_root();
    }
    Hash root = hashes_.back();
    for (auto left = std::next(hashes_.rbegin()); left != hashes_.rend(); ++left) {
        root = node_hash(*left, root);
    }
    return root;
}

std::string Frontier::hashes() const {
    return concatenate(hashes_);
}

TileBuilder::TileBuilder(std::int64_t size, std::vector<std::vector<Hash>> pending)
    : pending_(std::move(pending)) {
    pending_.resize(std::max(pending_.size(), level_count(size)));
    for (std::size_t level = 0; level < pending_.size(); ++level) {
        const std::int64_t hashes = hash_count(size, level);
        DCM_CHECK(std::cmp_equal(pending_[level].size(), hashes % kTileWidth));
        full_count_.push_back(hashes / kTileWidth);
    }
}

void TileBuilder::append(const Hash& leaf, std::vector<Tile>& full) {
    Hash hash = leaf;
    for (std::size_t level = 0;; ++level) {
        if (level == pending_.size()) {
            pending_.emplace_back();
            full_count_.push_back(0);
        }
        std::vector<Hash>& hashes = pending_[level];
        hashes.push_back(hash);
        if (hashes.size() < static_cast<std::size_t>(kTileWidth)) {
            return;
        }
        Tile tile{static_cast<int>(level), full_count_[level]++, concatenate(hashes)};
        hashes.clear();
        hash = tile_root(tile.hashes);
        full.push_back(std::move(tile));
    }
}

Hash tile_root(std::string_view hashes) {
    DCM_CHECK(hashes.size() == static_cast<std::size_t>(kTileWidth) * kHashBytes);
    Frontier frontier;
    for (std::size_t at = 0; at < hashes.size(); at += kHashBytes) {
        frontier.append(*hash_from_bytes(hashes.substr(at, kHashBytes)));
    }
    return frontier.root();
}

std::int64_t full_tile_count(std::int64_t size) {
    std::int64_t count = 0;
    for (std::int64_t rest = size / kTileWidth; rest > 0; rest /= kTileWidth) {
        count += rest;
    }
    return count;
}

Hash tree_root(const std::vector<Hash>& leaves) {
    Frontier frontier;
    for (const Hash& leaf : leaves) {
        frontier.append(leaf);
    }
    return frontier.root();
}

}  // namespace dcm::audit
