#pragma once

#include "billing/doubt_report.h"
#include "cli/book.h"
#include "cli/filters.h"
#include "cli/shell.h"
#include "store/usage_reader.h"

#include <string>

namespace dcm::cli {

struct DoubtOptions {
    FilterOptions filters;
    std::string group_by;
    billing::DoubtChoice choice = billing::DoubtChoice::doubtful;
};

// What rests on something doubtful, for one snapshot.
[[nodiscard]] billing::DoubtReport find_doubt(const store::LogReader& snapshot,
                                              const store::UsageReader& reader,
                                              const Book& book,
                                              const DoubtOptions& options,
                                              const Bounds& bounds);

// `report unrated`, `report doubtful`: the same, printed.
[[nodiscard]] int show_doubt(Shell& shell, const DoubtOptions& options);

}  // namespace dcm::cli
