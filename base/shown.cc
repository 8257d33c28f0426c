#include "base/shown.h"

#include "base/encoding.h"

#include <algorithm>

namespace dcm {
namespace {

constexpr std::size_t kShownBytesMax = 60;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kPlainInShells =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@,+";

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// How many bytes the character has that the text begins with; 0 where they are no UTF-8.
std::size_t character_bytes(std::string_view text) {
    constexpr std::size_t bytes_max = 4;
    for (std::size_t size = 1; size <= std::min(bytes_max, text.size()); ++size) {
        if (is_utf8(text.substr(0, size))) {
            return size;
        }
    }
    return 0;
}

// How many bytes the text begins with that would move a terminal's cursor or reorder its line: a
// control (C0, DEL, C1), a separator of lines, a mark of direction. 0 for any other text.
std::size_t harmful_bytes(std::string_view text) {
    const auto byte = [text](std::size_t index) {
        return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
    };
    if (byte(0) < 0x20U || byte(0) == 0x7FU) {
        return 1;
    }
    if (byte(0) == 0xC2U && 0x80U <= byte(1) && byte(1) <= 0x9FU) {
        return 2;  // U+0080 … U+009F
    }
    if (byte(0) == 0xE2U && byte(1) == 0x80U) {
        const bool is_mark = byte(2) == 0x8EU || byte(2) == 0x8FU;       // U+200E, U+200F
        const bool is_embedding = 0xA8U <= byte(2) && byte(2) <= 0xAEU;  // U+2028 … U+202E
        return is_mark || is_embedding ? 3 : 0;
    }
    const bool is_isolate = byte(0) == 0xE2U && byte(1) == 0x81U && 0xA6U <= byte(2) &&
                            byte(2) <= 0xA9U;  // U+2066 … U+2069
    return is_isolate ? 3 : 0;
}

}  // namespace

std::string shown(std::string_view text) {
    std::size_t size = std::min(text.size(), kShownBytesMax);
    while (0 < size && size < text.size() && continues_character(text[size])) {
        --size;
    }
    return '"' + on_one_line(text.substr(0, size)) + (size < text.size() ? "…\"" : "\"");
}

std::string on_one_line(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    while (!text.empty()) {
        if (const std::size_t harmful = harmful_bytes(text); harmful > 0) {
            line += ' ';
            text.remove_prefix(harmful);
            continue;
        }
        const std::size_t size = character_bytes(text);
        line += size > 0 ? text.substr(0, size) : kReplacement;
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return line;
}

std::string shell_word(std::string_view text) {
    if (!text.empty() && text.find_first_not_of(kPlainInShells) == std::string_view::npos) {
        return std::string(text);
    }
    std::string word = "'";
    for (const char c : text) {
        word += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return word + '\'';
}

}  // namespace dcm
