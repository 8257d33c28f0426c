#include "audit/seal.h"

#include "sample_log.h"

#include <catch2/catch.hpp>

#include <functional>

namespace dcm::audit {
namespace {

using testing::sample_key;

Frontier tree_of(int size, const std::string& salt = "") {
    Frontier tree;
    for (int i = 0; i < size; ++i) {
        tree.append(leaf_hash(salt + std::to_string(i)));
    }
    return tree;
}

SealState judge(const std::optional<Seal>& seal, const Frontier& tree) {
    return judge_seal(seal, tree, sample_key().verifier());
}

TEST_CASE("a seal fits the log it was set on and no other", "[seal]") {
    const Seal seal = seal_records(3, tree_of(5), sample_key());
    CHECK(judge(seal, tree_of(5)) == SealState::fits);
    CHECK(judge(seal, tree_of(6)) == SealState::behind);
    CHECK(judge(seal, tree_of(4)) == SealState::ahead);
    CHECK(judge(seal, tree_of(5, "x")) == SealState::differs);
    CHECK(judge(std::nullopt, tree_of(5)) == SealState::missing);
    CHECK(judge(std::nullopt, {}) == SealState::missing);
}

TEST_CASE("before the first record there is nothing to seal", "[seal]") {
    CHECK(judge(Seal(), {}) == SealState::fits);
    CHECK(judge(Seal{5, 5, "", ""}, tree_of(5)) == SealState::unsealed);
    CHECK(judge(seal_records(3, tree_of(5), sample_key()), {}) == SealState::ahead);
}

TEST_CASE("fault 8: a seal of another key, log or batch is invalid", "[seal]") {
    const auto changed = [](const std::function<void(Seal&)>& change) {
        Seal seal = seal_records(3, tree_of(5), sample_key());
        change(seal);
        return judge(seal, tree_of(5));
    };
    CHECK(changed([](Seal&) {}) == SealState::fits);
    CHECK(changed([](Seal& seal) { seal.first = 2; }) == SealState::invalid);
    CHECK(changed([](Seal& seal) { seal.size = 6; }) == SealState::invalid);
    CHECK(changed([](Seal& seal) { seal.root[0] ^= 1; }) == SealState::invalid);
    CHECK(changed([](Seal& seal) { seal.root.pop_back(); }) == SealState::invalid);
    CHECK(changed([](Seal& seal) { seal.signature[9] ^= 1; }) == SealState::invalid);
    CHECK(changed([](Seal& seal) { seal.signature.pop_back(); }) == SealState::invalid);
    CHECK(judge(seal_records(3, tree_of(5), sample_key('x')), tree_of(5)) == SealState::invalid);
    CHECK(judge(seal_records(3, tree_of(5), sample_key('k', "example/audit/1")), tree_of(5)) ==
          SealState::invalid);
}

TEST_CASE("a checkpoint's signature is none of a seal", "[seal]") {
    const Frontier tree = tree_of(5);
    const SigningKey key = sample_key();
    Seal seal = seal_records(0, tree, key);
    seal.signature = key.sign(format_checkpoint({key.verifier().name(), 5, tree.root()}));
    CHECK(judge(seal, tree) == SealState::invalid);
}

}  // namespace
}  // namespace dcm::audit
