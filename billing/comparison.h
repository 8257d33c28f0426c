#pragma once

#include "billing/report.h"

#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// An amount beside that of another period.
struct Difference {
    Decimal amount;  // how much more than the other, exact
    // The same as a percentage of the other's magnitude, so that more is positive also where the
    // other is a credit: half-up to 2 digits, halves away from zero. Absent where the other is
    // zero.
    std::optional<Decimal> percent;
};
[[nodiscard]] Difference difference_of(const Decimal& amount, const Decimal& other);

// What two reports have under the same keys; a report that has no such line has zero.
struct ComparedLine {
    ReportLine line;
    ReportLine other;
    Difference difference;  // of the costs
};

// Two reports of one book and with the same keys, of different periods.
struct Comparison {
    Report report;
    Report other;
    std::vector<ComparedLine> lines;  // of either, sorted by their keys, as bytes
    Difference difference;            // of the totals
};
[[nodiscard]] Comparison compare_periods(Report report, Report other);

// The first of these keys whose value says when usage was: two periods never have one in common.
[[nodiscard]] std::optional<GroupKey> key_of_time(const std::vector<GroupKey>& keys);

}  // namespace dcm::billing
