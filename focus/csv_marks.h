#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string_view>

namespace dcm::focus {

// What a cell of CSV needs quotes for: separator, ends of a record, quote. A table, because every
// byte of a file is asked about, when it is written and when it is checked.
inline constexpr auto kCsvMarks = [] {
    std::array<bool, std::numeric_limits<unsigned char>::max() + 1> marks{};
    for (const char mark : {',', '\r', '\n', '"'}) {
        marks.at(static_cast<unsigned char>(mark)) = true;
    }
    return marks;
}();

[[nodiscard]] inline bool is_csv_mark(char c) {
    return kCsvMarks[static_cast<unsigned char>(c)];
}

// How long the text is before its first mark.
[[nodiscard]] inline std::size_t size_before_mark(std::string_view text) {
    return static_cast<std::size_t>(
        std::distance(text.begin(), std::find_if(text.begin(), text.end(), is_csv_mark)));
}

}  // namespace dcm::focus
