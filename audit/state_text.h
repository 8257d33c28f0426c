#pragma once

#include "audit/tree.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::audit {

// What the files that remember a tree have in common: lines `<label> <value>`, and at the end the
// SHA-256 of all lines before it. Whoever reads one writes it again and compares, so each state has
// one text.

// The rest of the line that begins with `label`, or nullopt; the line is removed from the text.
[[nodiscard]] std::optional<std::string_view> take_field(std::string_view label,
                                                         std::string_view& text);
// A whole number in decimal.
[[nodiscard]] std::optional<std::int64_t> number_in(std::string_view digits);

// The lines `size`, `frontier` and `root` of a tree.
[[nodiscard]] std::string tree_lines(const Frontier& tree);
// Takes them; the root is not looked at.
[[nodiscard]] std::optional<Frontier> take_tree(std::string_view& text);

// The text with its last line.
[[nodiscard]] std::string with_checksum(std::string text);

}  // namespace dcm::audit
