#pragma once

#include "audit/hash.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// Hashes per full tile (C2SP tlog-tiles).
inline constexpr std::int64_t kTileWidth = 256;

// Where a full tile lies.
struct TileId {
    int level = 0;
    std::int64_t index = 0;

    bool operator==(const TileId&) const = default;
};

// A full tile: kTileWidth hashes of one level, `index` counted in tiles.
struct Tile {
    int level = 0;  // tile level: 0 holds leaf hashes, 1 the roots of level-0 tiles, …
    std::int64_t index = 0;
    std::string hashes;  // kTileWidth × 32 bytes

    bool operator==(const Tile&) const = default;
};

// The right edge of an RFC 6962 tree: one hash per set bit of the size, largest subtree first.
class Frontier {
public:
    // The empty tree.
    Frontier() = default;
    // From its stored form; an Error when the length does not fit the size.
    [[nodiscard]] static Result<Frontier> restore(std::int64_t size, std::string_view hashes);

    void append(const Hash& leaf);
    [[nodiscard]] std::int64_t size() const { return size_; }
    [[nodiscard]] Hash root() const;
    // The stored form: the hashes one after the other.
    [[nodiscard]] std::string hashes() const;

    bool operator==(const Frontier&) const = default;

private:
    std::int64_t size_ = 0;
    std::vector<Hash> hashes_;
};

// Appends leaves and gives each tile when it becomes full. To resume, it needs the hashes of the
// partly filled tiles: `pending` of each level (fewer than kTileWidth each), lowest level first.
class TileBuilder {
public:
    TileBuilder() = default;
    TileBuilder(std::int64_t size, std::vector<std::vector<Hash>> pending);

    // Appends one leaf; full tiles are added to `full`, lowest level first.
    void append(const Hash& leaf, std::vector<Tile>& full);

    [[nodiscard]] const std::vector<std::vector<Hash>>& pending() const { return pending_; }

private:
    std::vector<std::vector<Hash>> pending_;
    std::vector<std::int64_t> full_count_;
};

// The root of a full tile's hashes: the one hash it contributes to the level above.
[[nodiscard]] Hash tile_root(std::string_view hashes);
// Full tiles of all levels in a tree of this size.
[[nodiscard]] std::int64_t full_tile_count(std::int64_t size);

// RFC 6962 roots and proofs over leaf hashes in memory; for a log too large for that see proof.h.
// An index lies in [0, leaves), an old size in [0, leaves].
[[nodiscard]] Hash tree_root(const std::vector<Hash>& leaves);
[[nodiscard]] std::vector<Hash> inclusion_proof(const std::vector<Hash>& leaves,
                                                std::int64_t index);
[[nodiscard]] std::vector<Hash> consistency_proof(const std::vector<Hash>& leaves,
                                                  std::int64_t old_size);

struct InclusionClaim {
    Hash leaf{};
    std::int64_t index = 0;
    std::int64_t size = 0;
    Hash root{};
};
// False for a proof of another leaf, place, size or root, and for one that is too long or too
// short.
[[nodiscard]] bool verify_inclusion(const InclusionClaim& claim, const std::vector<Hash>& proof);

struct ConsistencyClaim {
    std::int64_t old_size = 0;
    Hash old_root{};
    std::int64_t new_size = 0;
    Hash new_root{};
};
// As above. The empty tree is part of every tree: its proof is empty, as the tlog-witness has it.
[[nodiscard]] bool verify_consistency(const ConsistencyClaim& claim,
                                      const std::vector<Hash>& proof);

}  // namespace dcm::audit
