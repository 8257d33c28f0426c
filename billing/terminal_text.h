#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dcm::billing {

// The text with everything that could move a cursor, colour or reorder what is shown written out:
// `\n`, `\x1b`, `\u202e`; bytes that are no UTF-8 as `\xff`. For terminals; never for data.
[[nodiscard]] std::string visible_text(std::string_view text);

// Columns a visible text takes: combining marks none, wide characters two.
[[nodiscard]] std::size_t display_width(std::string_view text);

// The text, or as much of it as fits before a `…` in `width` columns; width is at least 1.
[[nodiscard]] std::string cut_to_width(std::string_view text, std::size_t width);

// Lines of a visible text behind its head, broken at blanks so that they fit into `width` columns;
// what does not fit goes on below the text's own beginning. A word is never broken. 0 is without
// limit.
struct HeadedText {
    std::string_view head;
    std::string_view text;
};
[[nodiscard]] std::string fold(const HeadedText& lines, std::size_t width);

}  // namespace dcm::billing
