#pragma once

#include "billing/comparison.h"

#include <string>

namespace dcm::billing {

// `report --compare`. Everything a report has stays where it is, so that what reads one reads a
// comparison as well; the other period's amounts, the difference and the percentage come after it.

struct ComparisonContext {
    ReportOrigin origin;
    std::string period;  // `2026-06`
    std::string other;   // `2026-05`
    Period other_during;
};

// For people, within `width` columns (0: no limit): the two costs side by side.
[[nodiscard]] std::string comparison_text(const Comparison& comparison,
                                          const ComparisonContext& context,
                                          std::size_t width);
// The columns of a report, then compared_usage_seconds, compared_billed_seconds, compared_cost,
// difference and percent, which is empty where there is none.
[[nodiscard]] std::string comparison_csv(const Comparison& comparison);
// A report's object; each line, and the object itself, also with `compared`, `difference` and
// `percent`.
[[nodiscard]] std::string comparison_json(const Comparison& comparison,
                                          const ComparisonContext& context);
// One object a line: the members of the CSV.
[[nodiscard]] std::string comparison_jsonl(const Comparison& comparison);

}  // namespace dcm::billing
