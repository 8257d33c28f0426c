#include "audit/tile_check.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace dcm::audit {
namespace {

// Stands for the hashes of leaves before the start; no tile that holds one is compared.
std::vector<std::vector<Hash>> unknown_pending(std::int64_t size) {
    std::vector<std::vector<Hash>> pending;
    for (std::int64_t hashes = size; hashes > 0; hashes /= kTileWidth) {
        pending.emplace_back(static_cast<std::size_t>(hashes % kTileWidth));
    }
    return pending;
}

// The first leaf below a tile.
std::int64_t first_leaf(const Tile& tile) {
    std::int64_t leaf = tile.index;
    for (int level = 0; level <= tile.level; ++level) {
        leaf *= kTileWidth;
    }
    return leaf;
}

std::int64_t differing_entry(std::string_view stored, std::string_view computed) {
    const auto [at, other] =
        std::mismatch(stored.begin(), stored.end(), computed.begin(), computed.end());
    return (at - stored.begin()) / static_cast<std::int64_t>(kHashBytes);
}

}  // namespace

TileCheck::TileCheck(std::int64_t start, TileLookup lookup)
    : lookup_(std::move(lookup)),
      start_(start),
      size_(start),
      matched_size_(start),
      builder_(start, unknown_pending(start)) {
    DCM_CHECK(lookup_ != nullptr);
}

void TileCheck::append(const Hash& leaf) {
    full_.clear();
    builder_.append(leaf, full_);
    ++size_;
    for (const Tile& tile : full_) {
        // What differs below shows above as well: the leaf is what matters.
        if (!difference_ && first_leaf(tile) >= start_) {
            check(tile);
        }
    }
    if (!difference_ && !full_.empty()) {
        matched_size_ = size_;
    }
}

void TileCheck::check(const Tile& tile) {
    const std::string name =
        "tile " + std::to_string(tile.index) + " of level " + std::to_string(tile.level);
    const std::optional<std::string> stored = lookup_({tile.level, tile.index});
    if (!stored) {
        difference_ = {std::nullopt, name + " is missing"};
    } else if (stored->size() != tile.hashes.size()) {
        difference_ = {std::nullopt,
                       name + ": expected " + std::to_string(tile.hashes.size()) + " bytes, got " +
                           std::to_string(stored->size())};
    } else if (*stored != tile.hashes) {
        const std::int64_t entry = differing_entry(*stored, tile.hashes);
        const std::string text = name + ", entry " + std::to_string(entry) + " differs from the ";
        if (tile.level == 0) {
            const std::int64_t seq = tile.index * kTileWidth + entry;
            difference_ = {seq, text + "leaf hash of record " + std::to_string(seq)};
        } else {
            difference_ = {std::nullopt, text + "tiles below it"};
        }
    }
}

void TileCheck::check_edge(std::string_view hashes) {
    if (difference_) {
        return;
    }
    const std::int64_t first = size_ - size_ % kTileWidth;
    const std::size_t bytes_expected = static_cast<std::size_t>(size_ - first) * kHashBytes;
    if (hashes.size() != bytes_expected) {
        difference_ = {std::nullopt,
                       "the tree's edge: expected " + std::to_string(bytes_expected) +
                           " bytes, got " + std::to_string(hashes.size())};
        return;
    }
    for (std::int64_t seq = std::max(first, start_); seq < size_; ++seq) {
        const auto entry = static_cast<std::size_t>(seq - first);
        if (hashes.substr(entry * kHashBytes, kHashBytes) !=
            hash_bytes(builder_.pending()[0][entry])) {
            difference_ = {
                seq, "the tree's edge differs from the leaf hash of record " + std::to_string(seq)};
            return;
        }
    }
    matched_size_ = size_;
}

}  // namespace dcm::audit
