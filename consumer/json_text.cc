#include "consumer/json_text.h"

#include "base/ascii.h"
#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace dcm::consumer {
namespace {

constexpr std::size_t kExcerptBytesMax = 40;

// 2^1024 - 2^970: half a unit above the largest double. From here on the nearest double (ties to
// even) is infinity.
constexpr std::string_view kInfinityDigits =
    "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775"
    "8"
    "7207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817"
    "7"
    "1153176447573027006985557136695962284291481986083493647529271907416844436551070434271155969950"
    "8"
    "093042880177904174497792";
constexpr auto kInfinityMagnitude = static_cast<std::int64_t>(kInfinityDigits.size());
constexpr std::int64_t kExponentMax = 1'000'000'000;

unsigned hex_value(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    return static_cast<unsigned>((static_cast<unsigned char>(c) | 0x20U) - 'a') + 10U;
}

unsigned read_unit(std::string_view digits) {
    return hex_value(digits[0]) << 12U | hex_value(digits[1]) << 8U | hex_value(digits[2]) << 4U |
           hex_value(digits[3]);
}

void append_byte(std::string& out, unsigned byte) {
    out.push_back(static_cast<char>(byte));
}

void append_utf8(std::string& out, unsigned code_point) {
    if (code_point < 0x80) {
        append_byte(out, code_point);
    } else if (code_point < 0x800) {
        append_byte(out, 0xC0U | code_point >> 6U);
        append_byte(out, 0x80U | (code_point & 0x3FU));
    } else if (code_point < 0x10000) {
        append_byte(out, 0xE0U | code_point >> 12U);
        append_byte(out, 0x80U | (code_point >> 6U & 0x3FU));
        append_byte(out, 0x80U | (code_point & 0x3FU));
    } else {
        append_byte(out, 0xF0U | code_point >> 18U);
        append_byte(out, 0x80U | (code_point >> 12U & 0x3FU));
        append_byte(out, 0x80U | (code_point >> 6U & 0x3FU));
        append_byte(out, 0x80U | (code_point & 0x3FU));
    }
}

char simple_escape(char letter) {
    switch (letter) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return letter;
    }
}

// Reads the `\u` escape, or the pair of them, at the beginning; returns how many bytes it took.
std::size_t append_unicode_escape(std::string& out, std::string_view escape) {
    const unsigned unit = read_unit(escape.substr(2));
    if (unit < 0xD800 || unit > 0xDBFF) {
        append_utf8(out, unit);
        return 6;
    }
    const unsigned low = read_unit(escape.substr(8));
    append_utf8(out, 0x10000U + ((unit - 0xD800U) << 10U) + (low - 0xDC00U));
    return 12;
}

// A number as 0.<digits> × 10^magnitude, its first digit not zero; the digits may hold the point.
struct Magnitude {
    std::string_view digits;
    std::int64_t magnitude = 0;
    bool zero = false;
};

std::int64_t read_exponent(std::string_view text) {
    if (text.empty()) return 0;
    text.remove_prefix(1);
    const bool negative = text.front() == '-';
    if (negative || text.front() == '+') text.remove_prefix(1);
    std::int64_t exponent = 0;
    for (const char c : text) {
        exponent = std::min(exponent * 10 + (c - '0'), kExponentMax);
    }
    return negative ? -exponent : exponent;
}

Magnitude magnitude_of(std::string_view number) {
    if (number.front() == '-') number.remove_prefix(1);
    const std::size_t mantissa_size = std::min(number.find_first_of("eE"), number.size());
    const std::string_view mantissa = number.substr(0, mantissa_size);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const std::size_t first = mantissa.find_first_of("123456789");
    if (first == std::string_view::npos) return {.digits = {}, .magnitude = 0, .zero = true};
    // 12.5 is 0.125 × 10^2; 0.05 is 0.5 × 10^-1.
    const auto places = first < point ? static_cast<std::int64_t>(point - first)
                                      : -static_cast<std::int64_t>(first - point - 1);
    return {.digits = mantissa.substr(first),
            .magnitude = places + read_exponent(number.substr(mantissa_size))};
}

}  // namespace

std::string unescape(std::string_view quoted) {
    std::string text;
    text.reserve(quoted.size());
    std::size_t at = 0;
    while (at < quoted.size()) {
        const std::size_t escape = std::min(quoted.find('\\', at), quoted.size());
        text.append(quoted.substr(at, escape - at));
        at = escape;
        if (at == quoted.size()) break;
        if (quoted[at + 1] == 'u') {
            at += append_unicode_escape(text, quoted.substr(at));
        } else {
            text.push_back(simple_escape(quoted[at + 1]));
            at += 2;
        }
    }
    return text;
}

bool is_beyond_double(std::string_view number) {
    if (number.size() < kInfinityDigits.size() &&
        number.find_first_of("eE") == std::string_view::npos) {
        return false;
    }
    const Magnitude parts = magnitude_of(number);
    if (parts.zero || parts.magnitude < kInfinityMagnitude) return false;
    if (parts.magnitude > kInfinityMagnitude) return true;
    std::size_t place = 0;
    for (const char digit : parts.digits) {
        if (digit == '.') continue;
        if (place == kInfinityDigits.size()) return true;
        if (digit != kInfinityDigits[place]) return digit > kInfinityDigits[place];
        ++place;
    }
    return place == kInfinityDigits.size() ||
           kInfinityDigits.find_first_not_of('0', place) == std::string_view::npos;
}

void append_json_string(std::string& out, std::string_view text) {
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out.append("\\n");
        } else if (byte < 0x20) {
            out.append("\\u00");
            out.push_back(kHexDigits[byte >> 4U]);
            out.push_back(kHexDigits[byte & 0xFU]);
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

std::string excerpt(std::string_view text) {
    std::string safe = "'";
    for (const char c : text.substr(0, kExcerptBytesMax)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F) {
            safe.push_back(c);
        } else {
            safe.append("\\x");
            safe.push_back(kHexDigits[byte >> 4U]);
            safe.push_back(kHexDigits[byte & 0xFU]);
        }
    }
    safe.append(text.size() > kExcerptBytesMax ? "…'" : "'");
    return safe;
}

}  // namespace dcm::consumer
