#pragma once

#include "billing/doubt_report.h"

#include <cstddef>
#include <string>

namespace dcm::billing {

// For people, within `width` columns (0: no limit), followed by a line for each cause.
[[nodiscard]] std::string doubt_text(const DoubtReport& report,
                                     const ReportOrigin& origin,
                                     std::size_t width);
// cause, the keys, usage_seconds, unpriced_seconds, cost, currency.
[[nodiscard]] std::string doubt_csv(const DoubtReport& report);
// One object.
[[nodiscard]] std::string doubt_json(const DoubtReport& report, const ReportOrigin& origin);
// One object a line: the members of the CSV.
[[nodiscard]] std::string doubt_jsonl(const DoubtReport& report);

}  // namespace dcm::billing
