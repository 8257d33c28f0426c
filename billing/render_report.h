#pragma once

#include "billing/json_text.h"
#include "billing/report.h"
#include "billing/table.h"

#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// A report as contracts.md writes it. The same report gives the same bytes.

// A bound as text; nullopt when it is open.
[[nodiscard]] std::optional<std::string> time_text(const std::optional<Instant>& at);
// What a report rests on, a line each, folded into `width` columns: period, time, book and log.
[[nodiscard]] std::string origin_text(const ReportOrigin& origin,
                                      const std::string& timezone,
                                      std::size_t width);
// What a closed month was billed, and where the bill is to be seen.
[[nodiscard]] std::string billed_text(const BilledMonth& month, const std::string& currency);
// A line each, for the closed months of a report, folded alike.
[[nodiscard]] std::string billed_text(const Report& report, std::size_t width);
// What a report rests on, as members of an object.
void add_origin(JsonObject& object,
                const ReportOrigin& origin,
                const std::string& timezone,
                const std::string& currency);
// A line as columns and cells of the CSV, and as the members of an object, without the currency.
[[nodiscard]] std::vector<Column> report_columns(const Report& report);
[[nodiscard]] std::vector<std::string> report_cells(const Report& report, const ReportLine& line);
[[nodiscard]] JsonObject report_line_json(const Report& report, const ReportLine& line);
// A report as one object around its lines, which are JSON already.
[[nodiscard]] JsonObject report_object(const Report& report,
                                       const ReportOrigin& origin,
                                       const std::string& lines);
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
