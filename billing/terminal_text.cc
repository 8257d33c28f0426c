#include "billing/terminal_text.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace dcm::billing {
namespace {

constexpr std::string_view kEllipsis = "…";
constexpr char32_t kAsciiMax = 0x7F;
constexpr char32_t kFourHexDigitsMax = 0xFFFF;

struct CodePoint {
    char32_t value = 0;
    std::size_t size_bytes = 1;
    bool is_valid = false;
};

struct Range {
    char32_t first;
    char32_t last;
};

// Marks that sit on the character before them.
constexpr std::array kCombining{Range{0x0300, 0x036F},
                                Range{0x1AB0, 0x1AFF},
                                Range{0x20D0, 0x20FF},
                                Range{0xFE00, 0xFE0F},
                                Range{0xFE20, 0xFE2F}};
// East Asian wide and fullwidth, and pictures.
constexpr std::array kWide{Range{0x1100, 0x115F},
                           Range{0x2E80, 0x303E},
                           Range{0x3041, 0xA4CF},
                           Range{0xAC00, 0xD7A3},
                           Range{0xF900, 0xFAFF},
                           Range{0xFE30, 0xFE6F},
                           Range{0xFF00, 0xFF60},
                           Range{0xFFE0, 0xFFE6},
                           Range{0x1F300, 0x1F64F},
                           Range{0x1F680, 0x1F6FF},
                           Range{0x1F900, 0x1F9FF},
                           Range{0x20000, 0x3FFFD}};
// Controls, and characters that show nothing or turn the direction of writing.
constexpr std::array kUnseen{Range{0x0000, 0x001F},
                             Range{0x007F, 0x009F},
                             Range{0x00AD, 0x00AD},
                             Range{0x061C, 0x061C},
                             Range{0x200B, 0x200F},
                             Range{0x2028, 0x202E},
                             Range{0x2060, 0x206F},
                             Range{0xFEFF, 0xFEFF},
                             Range{0xE0000, 0xE007F}};

template <typename Ranges>
bool is_in(const Ranges& ranges, char32_t value) {
    return std::any_of(ranges.begin(), ranges.end(), [value](const Range& range) {
        return range.first <= value && value <= range.last;
    });
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

// The first code point of a text that is not empty.
CodePoint first_of(std::string_view text) {
    const std::uint8_t lead = byte_at(text, 0);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const std::size_t size = lead >= 0xF0 ? 4 : (lead >= 0xE0 ? 3 : 2);
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) {
        return {};
    }
    char32_t value = lead & (0xFFU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        const std::uint8_t next = byte_at(text, i);
        if ((next & 0xC0U) != 0x80) {
            return {};
        }
        value = (value << 6U) | (next & 0x3FU);
    }
    return {value, size, true};
}

std::size_t width_of(const CodePoint& point) {
    if (is_in(kCombining, point.value)) {
        return 0;
    }
    return is_in(kWide, point.value) ? 2 : 1;
}

void append_hex(std::string& out, char32_t value, unsigned digits) {
    for (unsigned left = digits; left > 0; --left) {
        out += kHexDigits[(value >> (4 * (left - 1))) & 0xFU];
    }
}

void append_escaped(std::string& out, char32_t value) {
    switch (value) {
        case U'\n':
            out += "\\n";
            return;
        case U'\r':
            out += "\\r";
            return;
        case U'\t':
            out += "\\t";
            return;
        default:
            break;
    }
    if (value <= kAsciiMax) {
        out += "\\x";
        append_hex(out, value, 2);
    } else if (value <= kFourHexDigitsMax) {
        out += "\\u";
        append_hex(out, value, 4);
    } else {
        out += "\\U";
        append_hex(out, value, 8);
    }
}

}  // namespace

std::string visible_text(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const CodePoint point = first_of(text);
        if (!point.is_valid) {
            out += "\\x";
            append_hex(out, byte_at(text, 0), 2);
        } else if (is_in(kUnseen, point.value)) {
            append_escaped(out, point.value);
        } else {
            out += text.substr(0, point.size_bytes);
        }
        text.remove_prefix(point.size_bytes);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const CodePoint point = first_of(text);
        width += width_of(point);
        text.remove_prefix(point.size_bytes);
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) {
        return std::string(text);
    }
    std::size_t used = 0;
    std::size_t kept_bytes = 0;
    while (true) {
        const CodePoint point = first_of(text.substr(kept_bytes));
        used += width_of(point);
        if (used + 1 > width) {
            break;
        }
        kept_bytes += point.size_bytes;
    }
    return std::string(text.substr(0, kept_bytes)) + std::string(kEllipsis);
}

std::string fold(const HeadedText& lines, std::size_t width) {
    std::string out;
    std::string current(lines.head);
    const std::size_t hanging = display_width(current);
    std::size_t used = hanging;
    std::string_view rest = lines.text;
    while (!rest.empty()) {
        const std::size_t space = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, space);
        rest.remove_prefix(std::min(space + 1, rest.size()));
        const std::size_t word_width = display_width(word);
        if (width > 0 && used > hanging && used + 1 + word_width > width) {
            out += current + '\n';
            current.assign(hanging, ' ');
            used = hanging;
        }
        const bool is_first = used == hanging;
        current += is_first ? "" : " ";
        current += word;
        used += word_width + (is_first ? 0 : 1);
    }
    current.erase(current.find_last_not_of(' ') + 1);
    return out + current + '\n';
}

}  // namespace dcm::billing
