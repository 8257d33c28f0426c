// What a decimal prints parses to the same decimal.

#include "base/decimal.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const dcm::Result<dcm::Decimal> parsed = dcm::Decimal::parse(text);
    if (parsed.ok()) {
        DCM_CHECK(dcm::Decimal::parse(parsed.value().to_string()).value() == parsed.value());
    }
    return 0;
}
