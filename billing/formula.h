#pragma once

#include <string_view>

namespace dcm::billing {

// Whether a spreadsheet would read the text as a formula: it begins with = + - @, narrow or
// full-width, TAB, CR or LF, spaces before it not counted.
[[nodiscard]] bool reads_as_formula(std::string_view text);

}  // namespace dcm::billing
