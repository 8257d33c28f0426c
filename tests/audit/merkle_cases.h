#pragma once

#include "audit/hash.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dcm::audit::testing {

// The cases of merkle.json; fails the test when the file is not there.
[[nodiscard]] const nlohmann::json& merkle_cases();

// A hash in hex; nullopt when it is not one of 32 bytes.
[[nodiscard]] std::optional<Hash> parse_hash(const std::string& hex);
// All of them, or nullopt when one is no hash.
[[nodiscard]] std::optional<std::vector<Hash>> parse_hashes(const nlohmann::json& list);

// Leaf i is the one byte i mod 256.
[[nodiscard]] std::vector<Hash> byte_leaves(std::int64_t count);

}  // namespace dcm::audit::testing
