#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dcm {

// The known word that was probably meant: the least edit distance whatever the case, at most a
// third of the word's length (and at least 1). Empty when none is near. For error messages.
[[nodiscard]] std::string nearest_word(std::string_view word, std::span<const std::string> known);

}  // namespace dcm
