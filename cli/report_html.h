#pragma once

#include "billing/html_report.h"
#include "cli/filters.h"
#include "cli/rate_report.h"

#include <optional>
#include <string>

namespace dcm::cli {

// The month that a report's costs are held against.
struct ComparedMonth {
    std::string name;  // `2026-05`
    Bounds bounds;
};

// Everything that the page of `report --format html` shows.
[[nodiscard]] billing::HtmlReport html_report(const ReportSource& source,
                                              const FilterOptions& filters,
                                              const std::optional<ComparedMonth>& compared);

}  // namespace dcm::cli
