#pragma once

#include "billing/report.h"
#include "cli/book.h"
#include "cli/filters.h"
#include "store/usage_reader.h"

#include <vector>

namespace dcm::cli {

// Which lines a report shows, and what it sums them by.
struct ReportScope {
    const FilterOptions& filters;
    const std::vector<billing::GroupKey>& group_by;
};

// Rates everything the reader has under the book, whose lifecycle the reader was made with.
[[nodiscard]] billing::Report rate_report(const store::UsageReader& reader,
                                          const Book& book,
                                          const ReportScope& scope,
                                          const Bounds& bounds);

}  // namespace dcm::cli
