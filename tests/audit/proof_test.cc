#include "audit/proof.h"

#include "audit/tree.h"
#include "merkle_cases.h"

#include <catch2/catch.hpp>

namespace dcm::audit {
namespace {

using testing::byte_leaves;
using testing::parse_hash;

// A hash or proof that is not made of 32 byte pieces cannot be claimed at all.
bool claims_inclusion(const nlohmann::json& item) {
    const auto leaf = parse_hash(item["leaf_hash_hex"].get<std::string>());
    const auto root = parse_hash(item["root_hex"].get<std::string>());
    const auto proof = testing::parse_hashes(item["proof_hex"]);
    return leaf && root && proof &&
           verify_inclusion({.leaf = *leaf,
                             .index = item["index"].get<std::int64_t>(),
                             .size = item["size"].get<std::int64_t>(),
                             .root = *root},
                            *proof);
}

bool claims_consistency(const nlohmann::json& item) {
    const auto old_root = parse_hash(item["root1_hex"].get<std::string>());
    const auto new_root = parse_hash(item["root2_hex"].get<std::string>());
    const auto proof = testing::parse_hashes(item["proof_hex"]);
    return old_root && new_root && proof &&
           verify_consistency({.old_size = item["size1"].get<std::int64_t>(),
                               .old_root = *old_root,
                               .new_size = item["size2"].get<std::int64_t>(),
                               .new_root = *new_root},
                              *proof);
}

TEST_CASE("fault 27: inclusion proofs are judged as the recorded cases say", "[proof]") {
    const nlohmann::json& cases = testing::merkle_cases()["inclusion"];
    CHECK(cases.size() >= 132);
    for (const nlohmann::json& item : cases) {
        CAPTURE(item["desc"].get<std::string>());
        CHECK(claims_inclusion(item) == item["valid"].get<bool>());
    }
}

TEST_CASE("fault 27: consistency proofs are judged as the recorded cases say", "[proof]") {
    const nlohmann::json& cases = testing::merkle_cases()["consistency"];
    CHECK(cases.size() >= 134);
    for (const nlohmann::json& item : cases) {
        CAPTURE(item["desc"].get<std::string>());
        CHECK(claims_consistency(item) == item["valid"].get<bool>());
    }
}

std::string line(std::int64_t a, std::int64_t b, const std::vector<Hash>& proof) {
    std::string text = std::to_string(a) + " " + std::to_string(b);
    for (const Hash& hash : proof) {
        text += " " + to_hex(hash);
    }
    return text + "\n";
}

TEST_CASE("proofs of all small trees add up to the recorded hashes", "[proof]") {
    const nlohmann::json& accumulated = testing::merkle_cases()["accumulated"];
    const auto size_max = accumulated["max_size"].get<std::int64_t>();
    std::string inclusion;
    std::string consistency;
    for (std::int64_t size = 1; size <= size_max; ++size) {
        const std::vector<Hash> leaves = byte_leaves(size);
        for (std::int64_t i = 0; i < size; ++i) {
            inclusion += line(i, size, inclusion_proof(leaves, i));
            consistency += line(i + 1, size, consistency_proof(leaves, i + 1));
        }
    }
    CHECK(to_hex(sha256(inclusion)) == accumulated["inclusion_sha256"].get<std::string>());
    CHECK(to_hex(sha256(consistency)) == accumulated["consistency_sha256"].get<std::string>());
}

TEST_CASE("proofs verify at tile edges and fail for every neighbour", "[proof]") {
    const std::int64_t size = GENERATE(1, 2, 255, 256, 257, 1000);
    const std::vector<Hash> leaves = byte_leaves(size);
    const Hash root = tree_root(leaves);
    for (const std::int64_t index : {std::int64_t{0}, size / 2, size - 1}) {
        const std::vector<Hash> proof = inclusion_proof(leaves, index);
        InclusionClaim claim{leaves[static_cast<std::size_t>(index)], index, size, root};
        CHECK(verify_inclusion(claim, proof));
        claim.index = index + 1;
        CHECK_FALSE(verify_inclusion(claim, proof));
        claim.index = index - 1;
        CHECK_FALSE(verify_inclusion(claim, proof));
        claim.index = index;
        claim.leaf[0] ^= 1U;
        CHECK_FALSE(verify_inclusion(claim, proof));
    }
}

TEST_CASE("proofs at the lower limits of index and size are exact", "[proof]") {
    const Hash leaf = leaf_hash("");
    CHECK(verify_inclusion({leaf, 0, 1, leaf}, {}));
    CHECK_FALSE(verify_inclusion({leaf, 0, 0, leaf}, {}));
    CHECK_FALSE(verify_inclusion({leaf, -1, 1, leaf}, {}));
    CHECK_FALSE(verify_inclusion({leaf, 1, 1, leaf}, {}));
    CHECK(verify_consistency({1, leaf, 1, leaf}, {}));
    CHECK(verify_consistency({0, empty_root(), 0, empty_root()}, {}));
    CHECK(verify_consistency({0, empty_root(), 1, leaf}, {}));
    CHECK_FALSE(verify_consistency({0, empty_root(), 1, leaf}, {leaf}));
    CHECK_FALSE(verify_consistency({0, leaf, 1, leaf}, {}));
    CHECK_FALSE(verify_consistency({0, leaf, 0, leaf}, {}));
    CHECK_FALSE(verify_consistency({-1, leaf, 1, leaf}, {}));
    CHECK_FALSE(verify_consistency({2, leaf, 1, leaf}, {}));
}

TEST_CASE("one pass over the leaves builds the same proof as the tree in memory", "[proof]") {
    const std::vector<Hash> leaves = byte_leaves(1000);
    for (const std::int64_t old_size : {0, 1, 2, 255, 256, 257, 999, 1000}) {
        CAPTURE(old_size);
        const std::vector<Hash> proof = consistency_proof(leaves, old_size);
        const std::vector<Hash> old_leaves(leaves.begin(), leaves.begin() + old_size);
        CHECK(
            verify_consistency({old_size, tree_root(old_leaves), 1000, tree_root(leaves)}, proof));
    }
    ProofBuilder builder(inclusion_ranges({.index = 700, .size = 1000}));
    for (const Hash& leaf : leaves) {
        builder.append(leaf);
    }
    CHECK(builder.proof() == inclusion_proof(leaves, 700));
    CHECK(inclusion_ranges({.index = 0, .size = 1}).empty());
    CHECK(inclusion_ranges({.index = 2, .size = 3}) == std::vector<LeafRange>{{0, 2}});
}

TEST_CASE("a tlog-proof has its header, index, hashes, a blank line and the checkpoint",
          "[proof]") {
    const std::vector<Hash> hashes{empty_root()};
    CHECK(
        format_tlog_proof({.index = 5, .hashes = hashes, .note = "note\n"}) ==
        "c2sp.org/tlog-proof@v1\nindex 5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\nnote\n");
    CHECK(format_tlog_proof({.index = 0, .hashes = {}, .note = "note\n"}) ==
          "c2sp.org/tlog-proof@v1\nindex 0\n\nnote\n");
    CHECK(format_hashes({}).empty());
}

}  // namespace
}  // namespace dcm::audit
