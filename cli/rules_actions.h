#pragma once

#include "cli/filters.h"
#include "cli/shell.h"

#include <filesystem>
#include <string>

namespace dcm::cli {

// What the subcommands of `rules` do; their value is the exit code. A book that is not named is the
// one in force.

struct RulesCheckOptions {
    std::string book;
    bool strict = false;
};
[[nodiscard]] int check_rules(Shell& shell, const RulesCheckOptions& options);
[[nodiscard]] int show_rules(Shell& shell, const std::string& book);
[[nodiscard]] int test_rules(Shell& shell, const std::string& book);

struct RulesSimulateOptions {
    std::string candidate;
    FilterOptions filters;
};
[[nodiscard]] int simulate_rules(Shell& shell, const RulesSimulateOptions& options);

[[nodiscard]] std::filesystem::path book_path(Shell& shell, const std::string& book);

}  // namespace dcm::cli
