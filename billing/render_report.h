#pragma once

#include "billing/json_text.h"
#include "billing/report.h"

#include <string>

namespace dcm::billing {

// A report as contracts.md writes it. The same report gives the same bytes.

// What a report rests on, a line each: period, time, book and log.
[[nodiscard]] std::string origin_text(const ReportOrigin& origin, const std::string& timezone);
// The same as members of an object.
void add_origin(JsonObject& object,
                const ReportOrigin& origin,
                const std::string& timezone,
                const std::string& currency);
// For people, within `width` columns (0: no limit), followed by the total and where it comes from.
[[nodiscard]] std::string report_text(const Report& report,
                                      const ReportOrigin& origin,
                                      std::size_t width);
// The keys, then usage_seconds, billed_seconds, cost and currency.
[[nodiscard]] std::string report_csv(const Report& report);
// One object.
[[nodiscard]] std::string report_json(const Report& report, const ReportOrigin& origin);
// One object a line: the members of the CSV.
[[nodiscard]] std::string report_jsonl(const Report& report);

}  // namespace dcm::billing
