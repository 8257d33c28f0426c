// Opening a note never crashes, and no fuzzer forges a signature.

#include "audit/note.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const dcm::audit::SigningKey key =
        dcm::audit::SigningKey::from_seed("example/audit/0123456789abcdef", std::string(32, 's'));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const dcm::audit::OpenedNote opened = dcm::audit::open_checkpoint(text, key.verifier());
    DCM_CHECK(!std::holds_alternative<dcm::audit::Checkpoint>(opened.state));
    return 0;
}
