#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dcm::cli {

struct WholeNumbers {
    std::int64_t first = 0;
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
};

// What an option takes, told like every other error: expected …, got …
[[nodiscard]] CLI::Validator whole_number(WholeNumbers range);
[[nodiscard]] CLI::Validator one_of(std::vector<std::string> words);

}  // namespace dcm::cli
