#pragma once

#include "base/instant.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// Holds rows of FOCUS, one after the other, against what its columns promise beyond the rules of
// the specification (docs/formats/cost-export.md). Knows nothing of how they are written.
class ChargeCheck {
public:
    // Of a statement for this period; nullopt: whichever it is.
    explicit ChargeCheck(std::optional<Period> during);

    // The cells of the next row in the order of the columns, empty where there is no value. What is
    // wrong with it, an entry each.
    [[nodiscard]] std::vector<std::string> check(std::span<const std::string_view> cells);

private:
    std::optional<Period> during_;
    std::vector<std::size_t> places_;  // of the columns that are looked at
    std::int64_t latest_line_ = 0;
};

}  // namespace dcm::exports
