#include "audit/tree.h"

#include "base/encoding.h"
#include "merkle_cases.h"

#include <catch2/catch.hpp>

#include <map>

namespace dcm::audit {
namespace {

using testing::byte_leaves;

Frontier frontier_of(const std::vector<Hash>& leaves) {
    Frontier frontier;
    for (const Hash& leaf : leaves) {
        frontier.append(leaf);
    }
    return frontier;
}

std::vector<Hash> first(const std::vector<Hash>& leaves, std::size_t count) {
    return {leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(count)};
}

// RFC 6962 section 2.1, bottom up: pairs of a level, the odd last one carried along as it is.
Hash root_by_levels(std::vector<Hash> level) {
    while (level.size() > 1) {
        std::vector<Hash> above;
        for (std::size_t i = 0; i + 1 < level.size(); i += 2) {
            above.push_back(node_hash(level[i], level[i + 1]));
        }
        if (level.size() % 2 == 1) {
            above.push_back(level.back());
        }
        level = above;
    }
    return level.empty() ? empty_root() : level[0];
}

TEST_CASE("roots are those of RFC 6962", "[tree]") {
    const nlohmann::json& cases = testing::merkle_cases();
    const std::vector<Hash> leaves = *testing::parse_hashes(cases["leaf_hashes_hex"]);
    for (std::size_t size = 0; size <= leaves.size(); ++size) {
        const std::string expected = cases["roots_hex"][size].get<std::string>();
        CHECK(to_hex(tree_root(first(leaves, size))) == expected);
        CHECK(to_hex(frontier_of(first(leaves, size)).root()) == expected);
    }
}

TEST_CASE("roots of the first trees add up to the recorded hash", "[tree]") {
    const nlohmann::json& accumulated = testing::merkle_cases()["accumulated"];
    const auto size_max = accumulated["max_size"].get<std::int64_t>();
    std::string lines = "0 " + to_hex(empty_root()) + "\n";
    Frontier frontier;
    for (const Hash& leaf : byte_leaves(size_max)) {
        frontier.append(leaf);
        lines += std::to_string(frontier.size()) + " " + to_hex(frontier.root()) + "\n";
    }
    CHECK(to_hex(sha256(lines)) == accumulated["roots_sha256"].get<std::string>());
}

TEST_CASE("fault 36: roots around powers of two and tile edges equal a level-by-level tree",
          "[tree]") {
    const std::int64_t size =
        GENERATE(0, 1, 2, 127, 128, 129, 255, 256, 257, 1023, 1025, 65'535, 65'536, 65'537);
    const std::vector<Hash> leaves = byte_leaves(size);
    CHECK(frontier_of(leaves).root() == root_by_levels(leaves));
    CHECK(frontier_of(leaves).size() == size);
}

TEST_CASE("fault 28: an odd leaf is not the same as that leaf twice", "[tree]") {
    const std::vector<Hash> leaves = byte_leaves(3);
    CHECK(tree_root(leaves) != tree_root({leaves[0], leaves[1], leaves[2], leaves[2]}));
}

TEST_CASE("a frontier comes back from its stored form and goes on", "[tree]") {
    const std::vector<Hash> leaves = byte_leaves(300);
    for (const std::size_t size : {0U, 1U, 2U, 3U, 255U, 256U, 257U, 299U}) {
        const Frontier before = frontier_of(first(leaves, size));
        const Result<Frontier> restored =
            Frontier::restore(static_cast<std::int64_t>(size), before.hashes());
        REQUIRE(restored.ok());
        CHECK(restored.value() == before);
        Frontier after = restored.value();
        for (std::size_t i = size; i < leaves.size(); ++i) {
            after.append(leaves[i]);
        }
        CHECK(after.root() == tree_root(leaves));
    }
}

TEST_CASE("a stored frontier must fit its size", "[tree]") {
    CHECK_FALSE(Frontier::restore(-1, "").ok());
    CHECK_FALSE(Frontier::restore(0, std::string(32, 'x')).ok());
    CHECK_FALSE(Frontier::restore(3, std::string(32, 'x')).ok());
    CHECK_FALSE(Frontier::restore(3, std::string(63, 'x')).ok());
    CHECK(Frontier::restore(3, std::string(64, 'x')).ok());
    CHECK_FALSE(Frontier::restore(3, std::string(65, 'x')).ok());
    CHECK(Frontier::restore(INT64_MAX, std::string(std::size_t{63} * 32, 'x')).ok());
    CHECK_FALSE(Frontier::restore(INT64_MAX, std::string(std::size_t{62} * 32, 'x')).ok());
}

std::vector<Tile> build_tiles(TileBuilder& builder, const std::vector<Hash>& leaves) {
    std::vector<Tile> tiles;
    for (const Hash& leaf : leaves) {
        builder.append(leaf, tiles);
    }
    return tiles;
}

TEST_CASE("tiles appear when they are full, lowest level first", "[tree]") {
    const std::vector<Hash> leaves = byte_leaves(65'537);
    TileBuilder builder;
    std::vector<Tile> tiles = build_tiles(builder, first(leaves, 255));
    CHECK(tiles.empty());
    tiles = build_tiles(builder, {leaves[255]});
    REQUIRE(tiles.size() == 1);
    CHECK(tiles[0].level == 0);
    CHECK(tiles[0].index == 0);
    CHECK(tiles[0].hashes.substr(0, 32) == hash_bytes(leaves[0]));
    CHECK(tiles[0].hashes.substr(std::size_t{255} * 32) == hash_bytes(leaves[255]));
    CHECK(tile_root(tiles[0].hashes) == tree_root(first(leaves, 256)));

    const std::vector<Tile> rest =
        build_tiles(builder, {leaves.begin() + 256, leaves.begin() + 65'535});
    CHECK(rest.size() == 254);
    const std::vector<Tile> last = build_tiles(builder, {leaves[65'535]});
    REQUIRE(last.size() == 2);
    CHECK(last[0].level == 0);
    CHECK(last[0].index == 255);
    CHECK(last[1].level == 1);
    CHECK(last[1].index == 0);
    CHECK(last[1].hashes.substr(0, 32) == hash_bytes(tile_root(tiles[0].hashes)));
    CHECK(tile_root(last[1].hashes) == tree_root(first(leaves, 65'536)));
    CHECK(build_tiles(builder, {leaves[65'536]}).empty());
    CHECK(builder.pending()[0].size() == 1);
}

TEST_CASE("the count of full tiles covers every level", "[tree]") {
    const std::vector<std::pair<std::int64_t, std::int64_t>> cases{{0, 0},
                                                                   {255, 0},
                                                                   {256, 1},
                                                                   {511, 1},
                                                                   {65'535, 255},
                                                                   {65'536, 257},
                                                                   {65'792, 258},
                                                                   {16'777'216, 65'536 + 256 + 1}};
    for (const auto& [size, count] : cases) {
        CAPTURE(size);
        CHECK(full_tile_count(size) == count);
    }
}

TEST_CASE("a tile builder resumes from its pending hashes", "[tree]") {
    const std::vector<Hash> leaves = byte_leaves(65'800);
    TileBuilder whole;
    const std::vector<Tile> expected = build_tiles(whole, leaves);
    for (const std::size_t size : {0U, 1U, 255U, 256U, 257U, 65'535U, 65'536U, 65'537U}) {
        CAPTURE(size);
        TileBuilder before;
        std::vector<Tile> tiles = build_tiles(before, first(leaves, size));
        TileBuilder after(static_cast<std::int64_t>(size), before.pending());
        const std::vector<Tile> rest =
            build_tiles(after, {leaves.begin() + static_cast<std::ptrdiff_t>(size), leaves.end()});
        tiles.insert(tiles.end(), rest.begin(), rest.end());
        CHECK(tiles == expected);
        CHECK(after.pending() == whole.pending());
    }
}

}  // namespace
}  // namespace dcm::audit
