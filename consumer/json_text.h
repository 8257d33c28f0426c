#pragma once

#include <string>
#include <string_view>

namespace dcm::consumer {

// The characters of a JSON string, given what stands between its quotes. The escapes have been
// checked before: JsonReader hands out nothing else.
[[nodiscard]] std::string unescape(std::string_view quoted);

// Whether a JSON number rounds to infinity as an IEEE 754 double. Decided on the digits: no
// floating point is involved. The literal has been checked before.
[[nodiscard]] bool is_beyond_double(std::string_view number);

// Appends the text as a JSON string with its quotes. The text is UTF-8.
void append_json_string(std::string& out, std::string_view text);

// A short piece of outside text that is safe in a message: quoted, at most 40 bytes of it, and
// whatever is not printable ASCII written as \xNN.
[[nodiscard]] std::string excerpt(std::string_view text);

}  // namespace dcm::consumer
