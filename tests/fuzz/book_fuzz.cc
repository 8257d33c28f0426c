// Reading a rule book never crashes: it gives a book or at least one problem.

#include "rules/parse.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::array files{
        dcm::rules::BookFile{"book.yaml", std::string(reinterpret_cast<const char*>(data), size)}};
    const dcm::rules::ParsedBook parsed = dcm::rules::parse_book(files, {});
    DCM_CHECK(parsed.book.has_value() || !parsed.problems.empty());
    return 0;
}
