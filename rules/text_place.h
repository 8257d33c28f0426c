#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace dcm::rules {

// Where the first line begins that is not UTF-8: near enough for whoever looks for the byte.
[[nodiscard]] std::optional<std::size_t> line_not_utf8(std::string_view bytes);

}  // namespace dcm::rules
