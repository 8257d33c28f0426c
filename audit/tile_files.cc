#include "audit/tile_files.h"

#include "audit/record.h"
#include "base/check.h"

namespace dcm::audit {
namespace {

constexpr std::int64_t kPathGroup = 1'000;
constexpr std::string_view kEntries = "entries";

// Three digits, with zeros in front.
std::string group(std::int64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(3 - digits.size(), '0') + digits;
}

}  // namespace

std::string tile_path(const TileFileId& id) {
    // In groups of three digits, all but the last with an x: no folder has more than 1,000 names.
    std::string place = group(id.index % kPathGroup);
    for (std::int64_t rest = id.index / kPathGroup; rest > 0; rest /= kPathGroup) {
        place.insert(0, 'x' + group(rest % kPathGroup) + '/');
    }
    const bool is_full = id.width == kTileWidth;
    return "tile/" + id.level + '/' + place + (is_full ? "" : ".p/" + std::to_string(id.width));
}

void TileFiles::append(std::string_view leaf_data) {
    DCM_CHECK(leaf_data.size() <= kLeafBytesMax);
    entries_ += static_cast<char>(leaf_data.size() >> 8U);
    entries_ += static_cast<char>(leaf_data.size() & 0xFFU);
    entries_ += leaf_data;
    const Hash leaf = leaf_hash(leaf_data);
    tree_.append(leaf);
    tiles_.append(leaf, full_);
    if (tree_.size() % kTileWidth == 0) {
        sink_(tile_path({std::string(kEntries), tree_.size() / kTileWidth - 1}), entries_);
        entries_.clear();
    }
    for (const Tile& tile : full_) {
        sink_(tile_path({std::to_string(tile.level), tile.index}), tile.hashes);
    }
    full_.clear();
}

void TileFiles::finish() {
    const std::int64_t width = tree_.size() % kTileWidth;
    if (width > 0) {
        sink_(tile_path({std::string(kEntries), tree_.size() / kTileWidth, width}), entries_);
    }
    std::int64_t full_tiles = tree_.size();
    for (std::size_t level = 0; level < tiles_.pending().size(); ++level) {
        full_tiles /= kTileWidth;
        const std::vector<Hash>& pending = tiles_.pending()[level];
        std::string hashes;
        for (const Hash& hash : pending) {
            hashes += hash_bytes(hash);
        }
        if (!pending.empty()) {
            sink_(
                tile_path(
                    {std::to_string(level), full_tiles, static_cast<std::int64_t>(pending.size())}),
                hashes);
        }
    }
}

}  // namespace dcm::audit
