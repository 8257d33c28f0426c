// Makes a fuzzer of a target.

#include "tests/fuzz/fuzz.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dcm::fuzz::examine({reinterpret_cast<const char*>(data), size});
    return 0;
}
