#pragma once

#include "billing/report.h"
#include "cli/rate_report.h"

#include <vector>

namespace dcm::cli {

// The closed months that a report with these filters shows whole, and what their statements come
// to: those of one tenant, or of all where none is named. None where another filter leaves lines
// out, because the two amounts are not of the same thing.
[[nodiscard]] std::vector<billing::BilledMonth> billed_months(const ReportSource& source,
                                                              const Bounds& bounds,
                                                              const FilterOptions& filters);

}  // namespace dcm::cli
