#include "audit/hash.h"

#include "audit/tree.h"
#include "base/encoding.h"
#include "merkle_cases.h"

#include <catch2/catch.hpp>

#include <thread>

namespace dcm::audit {
namespace {

TEST_CASE("SHA-256 gives the values of FIPS 180-4", "[hash]") {
    CHECK(to_hex(sha256(std::string_view())) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("hashing parts equals hashing them joined", "[hash]") {
    CHECK(sha256({"a", "", "bc"}) == sha256("abc"));
    CHECK(sha256({}) == empty_root());
    CHECK(sha256({"ab", "c"}) != sha256({"ab", "c", "c"}));
}

TEST_CASE("leaf and node hashes carry the prefixes of RFC 6962", "[hash]") {
    const nlohmann::json& cases = testing::merkle_cases();
    for (std::size_t i = 0; i < cases["leaves_hex"].size(); ++i) {
        const std::string leaf = *hex_decode(cases["leaves_hex"][i].get<std::string>());
        CHECK(to_hex(leaf_hash(leaf)) == cases["leaf_hashes_hex"][i].get<std::string>());
    }
    const Hash left = leaf_hash("left");
    const Hash right = leaf_hash("right");
    const std::string joined = std::string(hash_bytes(left)) + std::string(hash_bytes(right));
    CHECK(node_hash(left, right) == sha256("\1" + joined));
    CHECK(node_hash(left, right) != node_hash(right, left));
}

TEST_CASE("fault 28: a leaf that looks like a node has another hash", "[hash]") {
    const Hash left = leaf_hash("left");
    const Hash right = leaf_hash("right");
    const std::string joined = std::string(hash_bytes(left)) + std::string(hash_bytes(right));
    CHECK(leaf_hash(joined) != node_hash(left, right));
    CHECK(leaf_hash("\1" + joined) != node_hash(left, right));
}

TEST_CASE("each thread hashes with a context of its own", "[hash]") {
    const Hash expected = tree_root(testing::byte_leaves(1000));
    std::vector<std::thread> threads;
    std::vector<Hash> roots(4);
    for (Hash& root : roots) {
        threads.emplace_back([&root] { root = tree_root(testing::byte_leaves(1000)); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const Hash& root : roots) {
        CHECK(root == expected);
    }
}

TEST_CASE("a hash is read from exactly 32 bytes", "[hash]") {
    const Hash hash = sha256("x");
    CHECK(hash_from_bytes(hash_bytes(hash)) == hash);
    CHECK_FALSE(hash_from_bytes(std::string(31, 'x')));
    CHECK_FALSE(hash_from_bytes(std::string(33, 'x')));
    CHECK(to_base64(empty_root()) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
}

}  // namespace
}  // namespace dcm::audit
