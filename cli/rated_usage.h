#pragma once

#include "billing/report.h"
#include "cli/book.h"
#include "cli/filters.h"
#include "store/log_reader.h"
#include "store/usage_reader.h"

#include <string>
#include <vector>

namespace dcm::cli {

// What the commands share that rate usage: `report`, `explain`.

[[nodiscard]] billing::LineFilter line_filter(const FilterOptions& filters);

// Throws Failure (usage) when it is no list of keys.
[[nodiscard]] std::vector<billing::GroupKey> group_keys(const std::string& text);

// Open bounds are closed for rating: nothing lies before the earliest interval or after `as_of`.
[[nodiscard]] Period shown_period(const Bounds& bounds, const store::UsageReader& reader);

// What a report of this snapshot says it was computed from.
[[nodiscard]] billing::ReportOrigin origin_of(const store::LogReader& snapshot,
                                              const Book& book,
                                              const Bounds& bounds);

}  // namespace dcm::cli
