#include "tests/fuzz/reference_syntax.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <vector>

namespace dcm::fuzz {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
constexpr std::string_view kUnreserved =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
constexpr std::string_view kSubDelims = "!$&'()*+,;=";
constexpr std::string_view kTokenCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_one_of(char c, std::string_view set) {
    return set.find(c) != kNone;
}

// Whether a text has the shape of a pattern in which `9` stands for a digit.
bool has_shape(std::string_view text, std::string_view shape) {
    return std::equal(
        text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char wanted) {
            return wanted == '9' ? is_one_of(c, kDigits) : c == wanted;
        });
}

int number_at(std::string_view text, std::size_t at, std::size_t size) {
    int number = 0;
    std::from_chars(text.data() + at, text.data() + at + size, number);
    return number;
}

// Percent-encoded bytes, unreserved characters, sub-delims and the given ones.
bool has_only(std::string_view text, std::string_view also) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (text.size() - i < 3 || !consists_only_of(text.substr(i + 1, 2), kHexDigits)) {
                return false;
            }
            i += 2;
        } else if (!is_one_of(text[i], kUnreserved) && !is_one_of(text[i], kSubDelims) &&
                   !is_one_of(text[i], also)) {
            return false;
        }
    }
    return true;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == kNone) return parts;
        text.remove_prefix(end + 1);
    }
}

bool is_ipv4(std::string_view text) {
    const std::vector<std::string_view> octets = split(text, '.');
    return octets.size() == 4 && std::all_of(octets.begin(), octets.end(), [](auto octet) {
               return consists_only_of(octet, kDigits) && octet.size() <= 3 &&
                      (octet.size() == 1 || octet.front() != '0') &&
                      number_at(octet, 0, octet.size()) <= 255;
           });
}

// How many 16-bit groups the text has; nothing when one of them is none.
std::optional<std::size_t> count_groups(std::string_view text, bool may_end_in_ipv4) {
    if (text.empty()) return 0;
    const std::vector<std::string_view> groups = split(text, ':');
    std::size_t count = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (may_end_in_ipv4 && i + 1 == groups.size() && is_ipv4(groups[i])) {
            count += 2;
        } else if (consists_only_of(groups[i], kHexDigits) && groups[i].size() <= 4) {
            ++count;
        } else {
            return std::nullopt;
        }
    }
    return count;
}

bool is_ipv6(std::string_view text) {
    const std::size_t gap = text.find("::");
    if (gap == kNone) return count_groups(text, /*may_end_in_ipv4=*/true) == 8;
    const auto before = count_groups(text.substr(0, gap), /*may_end_in_ipv4=*/false);
    const auto after = count_groups(text.substr(gap + 2), /*may_end_in_ipv4=*/true);
    return before && after && *before + *after <= 7;
}

bool is_future_ip(std::string_view text) {
    const std::size_t dot = text.find('.');
    return dot != kNone && lower(text.substr(0, 1)) == "v" &&
           consists_only_of(text.substr(1, dot - 1), kHexDigits) && dot + 1 < text.size() &&
           text.find('%') == kNone && has_only(text.substr(dot + 1), ":");
}

bool is_authority_text(std::string_view text) {
    if (const std::size_t at_sign = text.find('@'); at_sign != kNone) {
        if (!has_only(text.substr(0, at_sign), ":")) return false;
        text.remove_prefix(at_sign + 1);
    }
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == kNone) return false;
        const std::string_view literal = text.substr(1, end - 1);
        if (!is_ipv6(literal) && !is_future_ip(literal)) return false;
        port = text.substr(end + 1);
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        if (!has_only(text.substr(0, end), "")) return false;
        port = text.substr(end);
    }
    return port.empty() || port == ":" ||
           (port.front() == ':' && consists_only_of(port.substr(1), kDigits));
}

// Cuts the text behind the first of the characters, which is left out of both; nothing when there
// is none.
std::optional<std::string_view> cut_at(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    if (at == kNone) return std::nullopt;
    const std::string_view tail = text.substr(at + 1);
    text = text.substr(0, at);
    return tail;
}

// Off the front; empty when there is none.
std::string_view take_while(std::string_view& text, std::string_view characters) {
    const std::string_view taken =
        text.substr(0, std::min(text.find_first_not_of(characters), text.size()));
    text.remove_prefix(taken.size());
    return taken;
}

bool take_quoted_string(std::string_view& text) {
    const auto is_quotable = [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != '\x7F');
    };
    if (!text.starts_with('"')) return false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
        if (text[i] == '\\') ++i;
        if (i == text.size() || !is_quotable(text[i])) return false;
    }
    return false;
}

}  // namespace

std::optional<Instant> read_time(std::string_view text) {
    // A date and a time, an optional fraction, an offset.
    if (!has_shape(upper(text.substr(0, 19)), "9999-99-99T99:99:99")) return std::nullopt;
    std::string_view tail = text.substr(19);
    std::string fraction;
    if (tail.starts_with('.')) {
        tail.remove_prefix(1);
        fraction = take_while(tail, kDigits);
        if (fraction.empty()) return std::nullopt;
    }
    const bool is_utc = tail == "Z" || tail == "z";
    if (!is_utc && !has_shape(tail, "+99:99") && !has_shape(tail, "-99:99")) return std::nullopt;
    const int offset_hours = is_utc ? 0 : number_at(tail, 1, 2);
    const int offset_minutes = is_utc ? 0 : number_at(tail, 4, 2);
    const int hour = number_at(text, 11, 2);
    const int minute = number_at(text, 14, 2);
    const int second = number_at(text, 17, 2);
    if (hour > 23 || minute > 59 || second > 60 || offset_hours > 23 || offset_minutes > 59) {
        return std::nullopt;
    }
    const std::chrono::year_month_day day{
        std::chrono::year{number_at(text, 0, 4)},
        std::chrono::month{static_cast<unsigned>(number_at(text, 5, 2))},
        std::chrono::day{static_cast<unsigned>(number_at(text, 8, 2))}};
    if (!day.ok()) return std::nullopt;
    using std::chrono::sys_seconds;
    sys_seconds at = std::chrono::sys_days{day} + std::chrono::hours{hour} +
                     std::chrono::minutes{minute} + std::chrono::seconds{second};
    const auto offset = std::chrono::hours{offset_hours} + std::chrono::minutes{offset_minutes};
    at += tail.front() == '-' ? offset : -offset;
    fraction.resize(6, '0');
    std::int64_t micros = number_at(fraction, 0, 6);
    if (second == 60) {
        const auto midnight = std::chrono::floor<std::chrono::days>(at);
        const std::chrono::year_month_day next{midnight};
        const bool after_leap_day =
            next.day() == std::chrono::day{1} &&
            (next.month() == std::chrono::January || next.month() == std::chrono::July);
        if (at != midnight || !after_leap_day) return std::nullopt;
        micros = 0;
    }
    return Instant{at.time_since_epoch().count() * kMicrosPerSecond + micros};
}

bool is_reference(std::string_view text) {
    const auto fragment = cut_at(text, '#');
    const auto query = cut_at(text, '?');
    if (!has_only(fragment.value_or(""), ":@/?") || !has_only(query.value_or(""), ":@/?")) {
        return false;
    }
    // Before the first slash a colon can only end a scheme.
    std::string_view first = text.substr(0, text.find('/'));
    if (const auto after = cut_at(first, ':')) {
        if (first.empty() || !is_one_of(lower(first).front(), kLowerLetters) ||
            !consists_only_of(lower(first), "abcdefghijklmnopqrstuvwxyz0123456789+-.")) {
            return false;
        }
        text.remove_prefix(first.size() + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::size_t end = std::min(text.find('/'), text.size());
        if (!is_authority_text(text.substr(0, end))) return false;
        text.remove_prefix(end);
    }
    return has_only(text, ":@/");
}

bool is_uri_with_scheme(std::string_view text) {
    const std::size_t colon = text.find_first_of(":/?#");
    return is_reference(text) && colon != kNone && text[colon] == ':';
}

bool is_media_type_text(std::string_view text) {
    if (take_while(text, kTokenCharacters).empty() || !text.starts_with('/')) return false;
    text.remove_prefix(1);
    if (take_while(text, kTokenCharacters).empty()) return false;
    while (!text.empty()) {
        take_while(text, " \t");
        if (!text.starts_with(';')) return false;
        text.remove_prefix(1);
        take_while(text, " \t");
        if (text.empty() || text.front() == ';') continue;
        if (take_while(text, kTokenCharacters).empty() || !text.starts_with('=')) return false;
        text.remove_prefix(1);
        if (take_while(text, kTokenCharacters).empty() && !take_quoted_string(text)) return false;
    }
    return true;
}

std::optional<std::string> read_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::string bytes;
    unsigned bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::size_t value = kBase64.find(c);
        if (value == kNone) return std::nullopt;
        bits = bits << 6U | static_cast<unsigned>(value);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<char>(bits >> held & 0xFFU));
        }
    }
    const bool unused_are_zero = (bits & ((1U << held) - 1U)) == 0;
    if (!unused_are_zero || held != padding * 2) return std::nullopt;
    return bytes;
}

bool is_clean_text(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        char32_t point = lead < 0x80   ? lead
                         : lead < 0xE0 ? lead & 0x1FU
                         : lead < 0xF0 ? lead & 0x0FU
                                       : lead & 0x07U;
        while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) {
            point = point << 6U | (static_cast<unsigned char>(text[i++]) & 0x3FU);
        }
        const char32_t in_plane = point & 0xFFFFU;
        if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return false;
        if (in_plane >= 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF)) return false;
    }
    return true;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
    }
    return out;
}

bool consists_only_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == kNone;
}

}  // namespace dcm::fuzz
