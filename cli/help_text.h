#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace dcm::cli {

// Help within `width` columns of a terminal, 0 is without limit: descriptions go on below their own
// beginning, or below the name where there is little room beside it. Examples stay on their lines.
[[nodiscard]] std::string fold_help(std::string_view help, std::size_t width);

// What CLI11 makes, within the terminal.
class HelpFormatter final : public CLI::Formatter {
public:
    [[nodiscard]] std::string make_help(const CLI::App* app,
                                        std::string name,
                                        CLI::AppFormatMode mode) const override;
};

}  // namespace dcm::cli
