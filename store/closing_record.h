#pragma once

#include "billing/statement.h"
#include "store/closed_periods.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace dcm::store {

inline constexpr std::string_view kPeriodClosed = "period.closed";

// What the record of a closing says (docs/formats/record.md), but for what was accepted then.
struct ClosingFacts {
    const ClosedPeriod& period;  // with the hash of its lines
    const std::vector<billing::StatementTotal>& statements;
    std::int64_t corrections = 0;  // lines
};
[[nodiscard]] nlohmann::json closing_body(const ClosingFacts& facts);

}  // namespace dcm::store
