#pragma once

#include <string_view>

namespace dcm::cli {

// rules/books/default.yaml, compiled in: the book in force where none is configured.
[[nodiscard]] std::string_view default_book();

}  // namespace dcm::cli
