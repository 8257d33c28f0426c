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

// The same for several reports of the same lines.
struct ReportScopes {
    const FilterOptions& filters;
    const std::vector<std::vector<billing::GroupKey>>& group_by;
};

// What reports of one snapshot are computed from; the reader was made with the book's lifecycle.
struct ReportSource {
    const store::LogReader& snapshot;
    const store::UsageReader& reader;
    const Book& book;
    Bounds bounds;
};

// Rates everything the reader has under the book, whose lifecycle the reader was made with.
[[nodiscard]] billing::Report rate_report(const store::UsageReader& reader,
                                          const Book& book,
                                          const ReportScope& scope,
                                          const Bounds& bounds);
// In one pass, as many as there are lists of keys.
[[nodiscard]] std::vector<billing::Report> rate_reports(const store::UsageReader& reader,
                                                        const Book& book,
                                                        const ReportScopes& scopes,
                                                        const Bounds& bounds);

}  // namespace dcm::cli
