#pragma once

#include "billing/report.h"
#include "cli/rate_report.h"

#include <string>
#include <vector>

namespace dcm::cli {

// The closed months of which the bounds show a part, and what their statements come to: those of
// one tenant, or of all where none is named.
[[nodiscard]] std::vector<billing::BilledMonth> billed_months(const ReportSource& source,
                                                              const Bounds& bounds,
                                                              const std::string& tenant);

}  // namespace dcm::cli
