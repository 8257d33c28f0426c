#pragma once

#include "base/instant.h"

#include <optional>
#include <string>
#include <string_view>

// The texts inside a message, each by the plain words of its standard.
namespace dcm::fuzz {

// RFC 3339 with the rules of domain.md section 1 rule 4.
[[nodiscard]] std::optional<Instant> read_time(std::string_view text);

// RFC 3986: the parts of a reference are all well formed; and, with a scheme.
[[nodiscard]] bool is_reference(std::string_view text);
[[nodiscard]] bool is_uri_with_scheme(std::string_view text);

// RFC 9110 section 8.3.1.
[[nodiscard]] bool is_media_type_text(std::string_view text);

// Strict RFC 4648 section 4.
[[nodiscard]] std::optional<std::string> read_base64(std::string_view text);

// No U+0000–001F, no U+007F–009F, no noncharacter. The text is UTF-8.
[[nodiscard]] bool is_clean_text(std::string_view text);

[[nodiscard]] std::string lower(std::string_view text);
[[nodiscard]] std::string upper(std::string_view text);

// Whether the text is not empty and has no other characters.
[[nodiscard]] bool consists_only_of(std::string_view text, std::string_view allowed);

inline constexpr std::string_view kDigits = "0123456789";
inline constexpr std::string_view kLowerLetters = "abcdefghijklmnopqrstuvwxyz";
inline constexpr std::string_view kLowerAlphanumerics = "abcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace dcm::fuzz
