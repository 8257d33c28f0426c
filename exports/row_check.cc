#include "exports/row_check.h"

#include <charconv>

namespace dcm::exports {

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, fault] = std::from_chars(text.data(), end, number);
    const bool is_plain = fault == std::errc{} && after == end && std::to_string(number) == text;
    return is_plain && number > 0 ? std::optional(number) : std::nullopt;
}

}  // namespace dcm::exports
