#pragma once

#include "audit/hash.h"
#include "audit/tree.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// Gives the hashes of a full tile as stored, or nullopt when there is none.
using TileLookup = std::function<std::optional<std::string>(const TileId&)>;

// Holds stored tiles against those that the records give, one at a time as they fill up.
class TileCheck {
public:
    // Begins at a tree of `start` leaves: tiles that hold earlier leaves are not looked at.
    TileCheck(std::int64_t start, TileLookup lookup);

    void append(const Hash& leaf);
    // The leaf hashes that the store keeps of the tile that is not full yet.
    void check_edge(std::string_view hashes);

    struct Difference {
        std::optional<std::int64_t> seq;  // the record whose stored leaf hash differs
        std::string text;
    };
    // The first difference, leaves before inner tiles.
    [[nodiscard]] const std::optional<Difference>& difference() const { return difference_; }
    // All leaves before this one are those of the stored tiles.
    [[nodiscard]] std::int64_t matched_size() const { return matched_size_; }

private:
    void check(const Tile& tile);

    TileLookup lookup_;
    std::int64_t start_;
    std::int64_t size_;
    std::int64_t matched_size_;
    TileBuilder builder_;
    std::vector<Tile> full_;
    std::optional<Difference> difference_;
};

}  // namespace dcm::audit
