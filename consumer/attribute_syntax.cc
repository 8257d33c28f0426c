#include "consumer/attribute_syntax.h"

#include "base/ascii.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace dcm::consumer {
namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::string_view kSubjectPrefix = "dcm.";
constexpr std::string_view kTypePrefix = "dcm.status.";
constexpr std::size_t kServiceTypeBytesMax = 63;
constexpr std::string_view kJsonSuffix = "+json";

constexpr bool is_letter(char c) {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

constexpr bool is_one_of(char c, std::string_view set) {
    return set.find(c) != kNone;
}

// `unreserved` and `sub-delims` of RFC 3986.
constexpr bool is_plain(char c) {
    return is_letter(c) || is_digit(c) || is_one_of(c, "-._~!$&'()*+,;=");
}

// Plain characters, percent-encoded bytes and the given ones, nothing else.
bool consists_of(std::string_view text, std::string_view also) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_plain(text[i]) && !is_one_of(text[i], also)) {
            return false;
        }
    }
    return true;
}

bool is_scheme(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter(c) || is_digit(c) || is_one_of(c, "+-.");
           });
}

bool is_ipv6(std::string_view text) {
    in6_addr address{};
    return text.find('\0') == kNone &&
           inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

// `v1.address`, what stands between the brackets of a literal that is no IPv6 address.
bool is_future_address(std::string_view text) {
    if (text.empty() || ascii_lower(text.front()) != 'v') return false;
    const std::size_t dot = text.find('.');
    if (dot == kNone || dot == 1 || dot + 1 == text.size()) return false;
    const std::string_view version = text.substr(1, dot - 1);
    const std::string_view address = text.substr(dot + 1);
    return std::all_of(version.begin(), version.end(), is_hex_digit) &&
           std::all_of(
               address.begin(), address.end(), [](char c) { return is_plain(c) || c == ':'; });
}

bool is_port(std::string_view text) {
    return text.empty() ||
           (text.front() == ':' && std::all_of(text.begin() + 1, text.end(), is_digit));
}

bool is_authority(std::string_view text) {
    const std::size_t at_sign = text.find('@');
    if (at_sign != kNone) {
        if (!consists_of(text.substr(0, at_sign), ":")) return false;
        text.remove_prefix(at_sign + 1);
    }
    if (!text.empty() && text.front() == '[') {
        const std::size_t bracket = text.find(']');
        if (bracket == kNone) return false;
        const std::string_view address = text.substr(1, bracket - 1);
        return (is_ipv6(address) || is_future_address(address)) &&
               is_port(text.substr(bracket + 1));
    }
    const std::size_t host_size = std::min(text.find(':'), text.size());
    return consists_of(text.substr(0, host_size), "") && is_port(text.substr(host_size));
}

// A reference in its three parts, `?` and `#` left out.
struct Reference {
    std::string_view scheme;  // empty when there is none
    std::string_view hierarchy;
    std::string_view query_and_fragment;
    bool valid = true;
};

Reference split_reference(std::string_view text) {
    Reference parts;
    const std::size_t tail = std::min(text.find_first_of("?#"), text.size());
    parts.hierarchy = text.substr(0, tail);
    parts.query_and_fragment = text.substr(tail);
    // A colon in the first segment ends a scheme; without a scheme none may stand there.
    const std::size_t colon = parts.hierarchy.find_first_of(":/");
    if (colon == kNone || parts.hierarchy[colon] == '/') return parts;
    parts.scheme = parts.hierarchy.substr(0, colon);
    parts.valid = is_scheme(parts.scheme);
    parts.hierarchy.remove_prefix(colon + 1);
    return parts;
}

bool is_valid(const Reference& parts) {
    if (!parts.valid) return false;
    std::string_view tail = parts.query_and_fragment;
    const std::size_t hash = std::min(tail.find('#'), tail.size());
    if (!consists_of(tail.substr(0, hash), ":@/?")) return false;
    if (hash < tail.size() && !consists_of(tail.substr(hash + 1), ":@/?")) return false;
    std::string_view path = parts.hierarchy;
    if (path.substr(0, 2) == "//") {
        const std::size_t authority_end = std::min(path.find('/', 2), path.size());
        if (!is_authority(path.substr(2, authority_end - 2))) return false;
        path.remove_prefix(authority_end);
    }
    return consists_of(path, ":@/");
}

constexpr bool is_token_char(char c) {
    return is_letter(c) || is_digit(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

// Takes a token off the front; empty when there is none.
std::string_view take_token(std::string_view& text) {
    const auto* const end = std::find_if_not(text.begin(), text.end(), is_token_char);
    const auto size = static_cast<std::size_t>(end - text.begin());
    const std::string_view token = text.substr(0, size);
    text.remove_prefix(size);
    return token;
}

// Takes a quoted string off the front; false when there is none.
bool take_quoted(std::string_view& text) {
    if (text.empty() || text.front() != '"') return false;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            text.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

void take_space(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

bool are_parameters(std::string_view text) {
    while (!text.empty()) {
        take_space(text);
        if (text.empty() || text.front() != ';') return false;
        text.remove_prefix(1);
        take_space(text);
        if (text.empty() || text.front() == ';') continue;  // RFC 9110 allows an empty one
        if (take_token(text).empty() || text.empty() || text.front() != '=') return false;
        text.remove_prefix(1);
        if (take_token(text).empty() && !take_quoted(text)) return false;
    }
    return true;
}

// The code point of the well-formed sequence of two to four bytes at the front.
char32_t code_point_of(std::string_view sequence) {
    const auto lead = static_cast<unsigned char>(sequence.front());
    char32_t code_point = lead & (0x7FU >> sequence.size());
    for (const char c : sequence.substr(1)) {
        code_point = code_point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return code_point;
}

bool is_refused(char32_t c) {
    return c <= 0x1F || (c >= 0x7F && c <= 0x9F) || (c >= 0xFDD0 && c <= 0xFDEF) ||
           (c & 0xFFFEU) == 0xFFFEU;
}

bool is_service_type(std::string_view text) {
    const auto is_allowed = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= kServiceTypeBytesMax && text.front() != '_' &&
           text.front() != '-' && std::all_of(text.begin(), text.end(), is_allowed);
}

std::string_view service_type_after(std::string_view prefix, std::string_view text) {
    if (!text.starts_with(prefix)) return {};
    const std::string_view rest = text.substr(prefix.size());
    return is_service_type(rest) ? rest : std::string_view{};
}

}  // namespace

bool is_attribute_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z');
    });
}

std::string_view service_type_of_subject(std::string_view subject) {
    return service_type_after(kSubjectPrefix, subject);
}

std::string_view service_type_of_type(std::string_view type) {
    return service_type_after(kTypePrefix, type);
}

bool is_attribute_text(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (is_refused(size == 1 ? byte : code_point_of(text.substr(at, size)))) return false;
        at += size;
    }
    return true;
}

bool is_uri_reference(std::string_view text) {
    return is_valid(split_reference(text));
}

bool is_absolute_uri(std::string_view text) {
    const Reference parts = split_reference(text);
    return !parts.scheme.empty() && is_valid(parts);
}

bool is_media_type(std::string_view text) {
    if (take_token(text).empty() || text.empty() || text.front() != '/') return false;
    text.remove_prefix(1);
    return !take_token(text).empty() && are_parameters(text);
}

bool is_json_media_type(std::string_view media_type) {
    const std::string_view essence = media_type.substr(0, media_type.find_first_of("; \t"));
    if (equal_ignoring_case(essence, "application/json") ||
        equal_ignoring_case(essence, "text/json")) {
        return true;
    }
    return essence.size() > kJsonSuffix.size() &&
           equal_ignoring_case(essence.substr(essence.size() - kJsonSuffix.size()), kJsonSuffix);
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return ascii_lower(a) == ascii_lower(b);
    });
}

}  // namespace dcm::consumer
