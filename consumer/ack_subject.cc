#include "consumer/ack_subject.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace dcm::consumer {
namespace {

constexpr std::size_t kShortTokens = 9;
constexpr std::size_t kLongTokensMin = 11;
constexpr std::size_t kTokensMax = 12;
// Tokens from the stream's name to the pending count.
constexpr std::size_t kShortStart = 2;
constexpr std::size_t kLongStart = 4;

struct Tokens {
    std::array<std::string_view, kTokensMax> values;
    std::size_t count = 0;
};

// nullopt when there are more than any known form has.
std::optional<Tokens> split(std::string_view subject) {
    Tokens tokens;
    std::size_t begin = 0;
    while (tokens.count < kTokensMax) {
        const std::size_t dot = subject.find('.', begin);
        tokens.values.at(tokens.count++) = subject.substr(begin, dot - begin);
        if (dot == std::string_view::npos) {
            return tokens;
        }
        begin = dot + 1;
    }
    return std::nullopt;
}

bool read_number(std::string_view text, std::int64_t& out) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    return error == std::errc() && stop == end && out >= 0;
}

}  // namespace

std::optional<AckSubject> parse_ack_subject(std::string_view subject) {
    const std::optional<Tokens> tokens = split(subject);
    if (!subject.starts_with(kAckPrefix) || !tokens.has_value()) {
        return std::nullopt;
    }
    std::size_t start = kShortStart;
    if (tokens->count >= kLongTokensMin) {
        start = kLongStart;
    } else if (tokens->count != kShortTokens) {
        return std::nullopt;
    }
    const auto token = [&](std::size_t index) { return tokens->values.at(start + index); };
    AckSubject out;
    out.stream = token(0);
    const bool numbers_read =
        read_number(token(2), out.deliveries) && read_number(token(3), out.stream_seq) &&
        read_number(token(4), out.delivery) && read_number(token(5), out.stored_ns) &&
        read_number(token(6), out.undelivered);
    if (out.stream.empty() || !numbers_read) {
        return std::nullopt;
    }
    return out;
}

}  // namespace dcm::consumer
