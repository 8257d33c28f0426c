#pragma once

#include "billing/doubt_report.h"
#include "billing/report.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// What corrections of a statement are about an earlier month, for one tenant.
struct CorrectionSum {
    std::string statement;  // the month they are billed in
    std::string tenant;
    std::string corrected;  // the month they are about
    std::int64_t lines = 0;
    Decimal cost;
};

// The same for another month, to stand beside them.
struct HtmlComparison {
    std::string period;  // `2026-05`
    Report tenants;
    Report providers;
    Report service_types;
};

// Everything a page shows; each report has the one key its name says.
struct HtmlReport {
    std::string period;                // `2026-06`; empty when it is no month
    std::vector<std::string> filters;  // what was chosen: `tenant acme`
    ReportOrigin origin;
    Report days;
    Report tenants;
    Report providers;
    Report service_types;
    Report instances;  // service_type, instance
    DoubtReport unrated;
    DoubtReport doubtful;
    std::vector<CorrectionSum> corrections;
    std::optional<std::string> checkpoint;  // the newest signed note
    std::optional<HtmlComparison> compared;
};

// `report --format html`: one page that needs nothing else, on paper, on a screen and in the dark.
// The same report gives the same bytes.
[[nodiscard]] std::string report_html(const HtmlReport& report);

}  // namespace dcm::billing
