// Decoding never crashes, and deciding the same message twice gives the same line.

#include "consumer/check_line.h"
#include "consumer/decode.h"
#include "consumer/json_lines.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const dcm::rules::Lifecycle lifecycle = dcm::rules::standard_lifecycle();
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const dcm::Message message = dcm::consumer::message_from_line(line, dcm::Instant{0});
    const auto decide = [&message] {
        return dcm::consumer::check_line(1, dcm::consumer::decode(message, lifecycle, {}));
    };
    DCM_CHECK(decide() == decide());
    return 0;
}
