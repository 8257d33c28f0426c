#pragma once

#include <string>
#include <string_view>

namespace dcm {

// A text from outside as a message shows it: quoted, on one line, and not longer than it helps.
[[nodiscard]] std::string shown(std::string_view text);

// Without quotes and whole: what would move a terminal's cursor or turn its direction (U+202E)
// becomes a blank, a byte that is no UTF-8 becomes U+FFFD.
[[nodiscard]] std::string on_one_line(std::string_view text);

// A text from outside as one word of a command that is suggested: quoted where a shell would read
// anything else into it.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace dcm
