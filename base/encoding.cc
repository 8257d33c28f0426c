#include "base/encoding.h"

#include <array>
#include <cstring>

namespace dcm {
namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char base64_digit(std::uint32_t value) {
    return kBase64Alphabet[value & 0x3FU];
}

// The six bits of a digit, or nullopt for a byte outside the alphabet.
std::optional<std::uint32_t> base64_value(char digit) {
    const std::size_t at = kBase64Alphabet.find(digit);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(at);
}

std::optional<unsigned> hex_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return static_cast<unsigned>(digit - '0');
    }
    if (digit >= 'a' && digit <= 'f') {
        return static_cast<unsigned>(digit - 'a') + 10;
    }
    if (digit >= 'A' && digit <= 'F') {
        return static_cast<unsigned>(digit - 'A') + 10;
    }
    return std::nullopt;
}

// How long the well-formed UTF-8 sequence is that begins here; 0 when there is none.
// The second byte's bounds are those of Unicode's table 3-7.
std::size_t utf8_sequence_size(std::string_view bytes) {
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) {
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4) {
        return 0;
    }
    const std::size_t size = lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4);
    if (bytes.size() < size) {
        return 0;
    }
    const unsigned char low = lead == 0xE0 ? 0xA0 : (lead == 0xF0 ? 0x90 : 0x80);
    const unsigned char high = lead == 0xED ? 0x9F : (lead == 0xF4 ? 0x8F : 0xBF);
    if (at(1) < low || at(1) > high) {
        return 0;
    }
    for (std::size_t i = 2; i < size; ++i) {
        if ((at(i) & 0xC0U) != 0x80U) {
            return 0;
        }
    }
    return size;
}

// Bytes at the beginning, in blocks of eight, that are all ASCII.
std::size_t ascii_blocks_size(std::string_view bytes) {
    constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080U;
    std::size_t size = 0;
    std::uint64_t block = 0;
    while (size + sizeof(block) <= bytes.size()) {
        std::memcpy(&block, bytes.data() + size, sizeof(block));
        if ((block & high_bits) != 0) {
            break;
        }
        size += sizeof(block);
    }
    return size;
}

}  // namespace

std::string base64_encode(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group = (group << 8U) | (j < count ? bytes[i + j] : 0U);
        }
        text += base64_digit(group >> 18U);
        text += base64_digit(group >> 12U);
        text += count > 1 ? base64_digit(group >> 6U) : '=';
        text += count > 2 ? base64_digit(group) : '=';
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    for (const char digit : text.substr(0, text.size() - padding)) {
        const std::optional<std::uint32_t> value = base64_value(digit);
        if (!value) {
            return std::nullopt;
        }
        bits = ((bits << 6U) | *value) & 0xFFFFU;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            bytes += static_cast<char>((bits >> bit_count) & 0xFFU);
        }
    }
    const bool unused_bits_zero = (bits & ((1U << bit_count) - 1U)) == 0;
    return unused_bits_zero ? std::optional(bytes) : std::nullopt;
}

std::string hex_encode(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += kHexDigits[byte >> 4U];
        text += kHexDigits[byte & 0x0FU];
    }
    return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const std::optional<unsigned> high = hex_value(text[i]);
        const std::optional<unsigned> low = hex_value(text[i + 1]);
        if (!high || !low) {
            return std::nullopt;
        }
        bytes += static_cast<char>((*high << 4U) | *low);
    }
    return bytes;
}

bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        bytes.remove_prefix(ascii_blocks_size(bytes));
        if (bytes.empty()) {
            return true;
        }
        const std::size_t size = utf8_sequence_size(bytes);
        if (size == 0) {
            return false;
        }
        bytes.remove_prefix(size);
    }
    return true;
}

}  // namespace dcm
