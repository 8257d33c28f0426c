#include "cli/help_text.h"

#include "billing/terminal_text.h"
#include "cli/shell.h"

#include <algorithm>
#include <utility>

namespace dcm::cli {
namespace {

// Where CLI11 begins descriptions.
constexpr std::size_t kDescriptionColumn = 30;
constexpr std::size_t kDescriptionWidthMin = 20;
constexpr std::string_view kNarrowIndent = "      ";
constexpr std::string_view kExample = "Example";

bool has_description(std::string_view line) {
    return line.size() > kDescriptionColumn && line.front() == ' ' &&
           line[kDescriptionColumn - 1] == ' ' && line[kDescriptionColumn] != ' ';
}

std::string fold_line(std::string_view line, std::size_t width) {
    const bool is_prose = !line.empty() && line.front() != ' ' && !line.starts_with(kExample);
    if (billing::display_width(line) <= width || (!is_prose && !has_description(line))) {
        return std::string(line) + '\n';
    }
    if (is_prose) {
        return billing::fold({"", line}, width);
    }
    const std::string_view head = line.substr(0, kDescriptionColumn);
    const std::string_view text = line.substr(kDescriptionColumn);
    if (width >= kDescriptionColumn + kDescriptionWidthMin) {
        return billing::fold({head, text}, width);
    }
    const std::string_view name = head.substr(0, head.find_last_not_of(' ') + 1);
    return (name.empty() ? "" : std::string(name) + '\n') +
           billing::fold({kNarrowIndent, text}, width);
}

}  // namespace

std::string fold_help(std::string_view help, std::size_t width) {
    if (width == 0) {
        return std::string(help);
    }
    std::string out;
    while (!help.empty()) {
        const std::size_t end = std::min(help.find('\n'), help.size());
        out += fold_line(help.substr(0, end), width);
        help.remove_prefix(std::min(end + 1, help.size()));
    }
    return out;
}

std::string HelpFormatter::make_help(const CLI::App* app,
                                     std::string name,
                                     CLI::AppFormatMode mode) const {
    return fold_help(CLI::Formatter::make_help(app, std::move(name), mode), terminal_width());
}

}  // namespace dcm::cli
