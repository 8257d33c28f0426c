#include "base/message.h"

#include <charconv>
#include <system_error>

namespace dcm {
namespace {

// Takes the last field, a number, off a text of fields.
std::optional<std::int64_t> take_last_number(std::string_view& fields) {
    const std::size_t bar = fields.rfind('|');
    if (bar == std::string_view::npos) {
        return std::nullopt;
    }
    std::int64_t number = 0;
    const char* const end = fields.data() + fields.size();
    const auto [after, fault] = std::from_chars(fields.data() + bar + 1, end, number);
    if (fault != std::errc() || after != end) {
        return std::nullopt;
    }
    fields = fields.substr(0, bar);
    return number;
}

}  // namespace

std::string format_position(const BrokerPosition& position) {
    std::string text = position.stream;
    for (const std::int64_t number : {position.created_ns, position.sequence, position.stored_ns}) {
        text += '|';
        text += std::to_string(number);
    }
    return text;
}

std::optional<BrokerPosition> parse_position(std::string_view text) {
    const auto stored_ns = take_last_number(text);
    const auto sequence = take_last_number(text);
    const auto created_ns = take_last_number(text);
    if (!stored_ns || !sequence || !created_ns) {
        return std::nullopt;
    }
    return BrokerPosition{std::string(text), *created_ns, *sequence, *stored_ns};
}

}  // namespace dcm
