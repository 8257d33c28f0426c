#include "cli/option_value.h"

#include "base/nearest.h"

#include <charconv>
#include <system_error>
#include <utility>

namespace dcm::cli {
namespace {

bool is_in(const WholeNumbers& range, const std::string& text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [read_to, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && read_to == end && range.first <= number && number <= range.last;
}

std::string told(const WholeNumbers& range) {
    const bool is_open = range.last == std::numeric_limits<std::int64_t>::max();
    return "expected a whole number from " + std::to_string(range.first) +
           (is_open ? " on" : " to " + std::to_string(range.last));
}

}  // namespace

CLI::Validator whole_number(WholeNumbers range) {
    const auto judge = [range](const std::string& text) {
        return is_in(range, text) ? std::string() : told(range) + ", got \"" + text + '"';
    };
    return {judge, ""};
}

CLI::Validator one_of(std::vector<std::string> words) {
    const auto judge = [words = std::move(words)](const std::string& text) {
        std::string list;
        for (const std::string& word : words) {
            if (word == text) {
                return std::string();
            }
            list += (list.empty() ? "" : ", ") + word;
        }
        const std::string nearest = nearest_word(text, words);
        return "expected one of " + list + ", got \"" + text + '"' +
               (nearest.empty() ? "" : "; did you mean " + nearest + '?');
    };
    return {judge, ""};
}

}  // namespace dcm::cli
