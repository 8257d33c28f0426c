#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dcm {

// RFC 4648 section 4 with padding.
[[nodiscard]] std::string base64_encode(std::span<const std::uint8_t> bytes);
// Strict: standard alphabet, padding required, unused bits zero, nothing else; else nullopt.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

// Lower-case hex.
[[nodiscard]] std::string hex_encode(std::span<const std::uint8_t> bytes);
// Either case, an even number of digits; else nullopt.
[[nodiscard]] std::optional<std::string> hex_decode(std::string_view text);

// Whether the bytes are well-formed UTF-8 (no overlong forms, no surrogates, up to U+10FFFF).
[[nodiscard]] bool is_utf8(std::string_view bytes);

[[nodiscard]] inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes.
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace dcm
