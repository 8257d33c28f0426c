#include "merkle_cases.h"

#include "base/encoding.h"

#include <catch2/catch.hpp>

#include <fstream>

namespace dcm::audit::testing {

const nlohmann::json& merkle_cases() {
    static const nlohmann::json cases = [] {
        std::ifstream file(std::string(DCM_CASES_DIR) + "/merkle.json");
        if (!file) {
            FAIL("expected the cases in " << DCM_CASES_DIR
                                          << "/merkle.json, there is no such file");
        }
        return nlohmann::json::parse(file);
    }();
    return cases;
}

std::optional<Hash> parse_hash(const std::string& hex) {
    const std::optional<std::string> bytes = hex_decode(hex);
    return bytes ? hash_from_bytes(*bytes) : std::nullopt;
}

std::optional<std::vector<Hash>> parse_hashes(const nlohmann::json& list) {
    std::vector<Hash> hashes;
    for (const nlohmann::json& hex : list) {
        const std::optional<Hash> hash = parse_hash(hex.get<std::string>());
        if (!hash) {
            return std::nullopt;
        }
        hashes.push_back(*hash);
    }
    return hashes;
}

std::vector<Hash> byte_leaves(std::int64_t count) {
    std::vector<Hash> leaves;
    leaves.reserve(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) {
        leaves.push_back(leaf_hash(std::string(1, static_cast<char>(i % 256))));
    }
    return leaves;
}

}  // namespace dcm::audit::testing
