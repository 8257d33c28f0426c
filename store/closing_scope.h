#pragma once

#include "store/closed_periods.h"

#include <cstdint>
#include <limits>
#include <vector>

namespace dcm::store {

// What the closing of a month freezes the outcome of: what lies in the month, and what lies before
// it and was recorded since the month before was closed, because it corrects closed months.
struct ClosingScope {
    Period during;
    // Records of the log: [late_from, late_end).
    std::int64_t late_from = std::numeric_limits<std::int64_t>::max();
    std::int64_t late_end = std::numeric_limits<std::int64_t>::max();

    [[nodiscard]] bool has_late() const { return late_from < late_end; }
    [[nodiscard]] bool contains(std::int64_t seq, Instant at) const {
        return during.contains(at) || (at < during.start && late_from <= seq && seq < late_end);
    }
};

// Of a month that is closed, is the next one to be closed, or comes later; to the first month that
// is closed, and to those after the next one, nothing is late.
[[nodiscard]] ClosingScope closing_scope(const std::vector<ClosedPeriod>& closed,
                                         const billing::BillingPeriod& period);
[[nodiscard]] ClosingScope closing_scope(Database& database, const billing::BillingPeriod& period);

}  // namespace dcm::store
