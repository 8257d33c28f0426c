#pragma once

#include "billing/doubt_report.h"
#include "cli/filters.h"
#include "cli/shell.h"

#include <string>

namespace dcm::cli {

struct DoubtOptions {
    FilterOptions filters;
    std::string group_by;
    billing::DoubtChoice choice = billing::DoubtChoice::doubtful;
};

// `report unrated`, `report doubtful`: what rests on something doubtful.
[[nodiscard]] int show_doubt(Shell& shell, const DoubtOptions& options);

}  // namespace dcm::cli
