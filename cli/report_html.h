#pragma once

#include "billing/html_report.h"
#include "cli/book.h"
#include "cli/filters.h"
#include "store/usage_reader.h"

namespace dcm::cli {

// Everything that the page of `report --format html` shows, for one snapshot.
[[nodiscard]] billing::HtmlReport html_report(const store::LogReader& snapshot,
                                              const store::UsageReader& reader,
                                              const Book& book,
                                              const FilterOptions& filters,
                                              const Bounds& bounds);

}  // namespace dcm::cli
