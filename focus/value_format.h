#pragma once

#include <string_view>

namespace dcm::focus {

// The value formats of the FOCUS specification; each is about a value that is there.

// Integer, decimal or E notation; no plus sign, no grouping.
[[nodiscard]] bool is_numeric(std::string_view text);
// `2026-05-01T10:00:00Z` and nothing else.
[[nodiscard]] bool is_date_time(std::string_view text);
// Unicode with something in it: an empty text or blanks would stand for no value.
[[nodiscard]] bool is_string(std::string_view text);
// Three capitals, as ISO 4217 has them.
[[nodiscard]] bool is_currency(std::string_view text);
// `Hours`, `GB-Hours`, `GB/Hour`, `1000 Requests`: with capitals as the specification lists them.
[[nodiscard]] bool is_unit(std::string_view text);
// One JSON object on which no member has a structure of its own, each name once.
[[nodiscard]] bool is_key_value(std::string_view text);

}  // namespace dcm::focus
