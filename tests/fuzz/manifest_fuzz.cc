// The manifest of an export is read, or one line says what is wrong with it; what was read is
// written so that it reads back.
//
// Input: the text of a manifest.

#include "base/encoding.h"
#include "exports/manifest.h"
#include "tests/fuzz/fuzz.h"

namespace dcm::fuzz {

void examine(std::string_view bytes) {
    const Result<exports::Manifest> read = exports::parse_manifest(bytes);
    if (!read.ok()) {
        const std::string& message = read.error().message;
        DCM_CHECK(!message.empty() && message.find('\n') == std::string::npos && is_utf8(message));
        return;
    }
    const exports::Manifest& manifest = read.value();
    DCM_CHECK(manifest.rows() >= 0 && manifest.bytes() >= 0);
    const Result<exports::Manifest> again =
        exports::parse_manifest(exports::manifest_text(manifest));
    DCM_CHECK(again.ok() && again.value() == manifest);
    DCM_CHECK(exports::same_content(again.value(), manifest));
}

}  // namespace dcm::fuzz
