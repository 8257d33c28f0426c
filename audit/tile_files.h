#pragma once

#include "audit/tree.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::audit {

// A log as the static files of C2SP tlog-tiles (docs/formats/tiles.md): `tile/<level>/<index>` with
// hashes, `tile/entries/<index>` with leaf data, and what is not full as `….p/<width>`.

// Where the file of a tile lies; a width below kTileWidth is that of a partial one.
struct TileFileId {
    std::string level;  // `0`, `1`, … or `entries`
    std::int64_t index = 0;
    std::int64_t width = kTileWidth;
};
[[nodiscard]] std::string tile_path(const TileFileId& id);

// Gives the files of a log of any size, each when it is complete, from one pass over its leaves.
class TileFiles {
public:
    // Relative path and content; the content lives as long as the call.
    using Sink = std::function<void(const std::string& path, std::string_view content)>;
    explicit TileFiles(Sink sink) : sink_(std::move(sink)) {}
    TileFiles(const TileFiles&) = delete;
    TileFiles& operator=(const TileFiles&) = delete;
    ~TileFiles() = default;

    // Leaf data, at most kLeafBytesMax, which is what the two bytes of an entry's length can say.
    void append(std::string_view leaf_data);
    // After the last leaf: the partial files of the right edge.
    void finish();

    [[nodiscard]] const Frontier& tree() const { return tree_; }

private:
    Sink sink_;
    Frontier tree_;
    TileBuilder tiles_;
    std::vector<Tile> full_;
    std::string entries_;
};

}  // namespace dcm::audit
