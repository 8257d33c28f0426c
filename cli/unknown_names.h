#pragma once

#include "cli/rate_report.h"

#include <set>
#include <string>

namespace dcm::cli {

// For an answer in which there is nothing: says on stderr which names that it was narrowed to are
// known nowhere, with the nearest that are. A name that is known and has nothing to show is told by
// nobody.
void tell_unknown_names(const ReportSource& source, const FilterOptions& filters);

// The same for a tenant alone; `billed` are those of statements that were closed. What is computed
// now has a tenant from a resource file, or nobody's.
void tell_unknown_tenant(const Book& book, std::set<std::string> billed, const std::string& tenant);

}  // namespace dcm::cli
