// Base64, hex and UTF-8 are read as a second reader reads them, and written so that they read back.
//
// Input: one text.

#include "base/encoding.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/reference_syntax.h"

#include <string>

namespace dcm::fuzz {

void examine(std::string_view bytes) {
    const auto decoded = base64_decode(bytes);
    DCM_CHECK(decoded == read_base64(bytes));
    if (decoded) {
        DCM_CHECK(base64_encode(as_bytes(*decoded)) == bytes);
    }
    DCM_CHECK(base64_decode(base64_encode(as_bytes(bytes))) == bytes);
    const auto unhexed = hex_decode(bytes);
    DCM_CHECK(unhexed.has_value() ==
              (bytes.size() % 2 == 0 &&
               (bytes.empty() || consists_only_of(lower(bytes), "0123456789abcdef"))));
    if (unhexed) {
        DCM_CHECK(hex_encode(as_bytes(*unhexed)) == lower(bytes));
    }
    DCM_CHECK(hex_decode(hex_encode(as_bytes(bytes))) == bytes);
    DCM_CHECK(is_utf8(bytes) == is_utf8_text(std::string(bytes)));
}

}  // namespace dcm::fuzz
