#pragma once

#include "billing/statement.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// Holds rows of statement lines, one after the other, against what `lines` and `jsonl` promise
// (docs/formats/cost-export.md). Knows nothing of how they are written.
class LineCheck {
public:
    // The columns of `lines` and the members of `jsonl`, in order.
    [[nodiscard]] static const std::vector<std::string>& columns();

    // Of a statement for this period; nullopt: whichever it is.
    explicit LineCheck(std::optional<Period> during) : during_(during) {}

    // The cells of the next row in the order of the columns, empty where there is no value. What is
    // wrong with it, an entry each.
    [[nodiscard]] std::vector<std::string> check(std::span<const std::string_view> cells);

private:
    std::optional<Period> during_;
    std::int64_t latest_line_ = 0;
};

}  // namespace dcm::exports
