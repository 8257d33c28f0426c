#pragma once

#include "cli/shell.h"

#include <cstdint>

namespace dcm::cli {

// `statement explain LINE`: why a closed line is what it is, from the events, the rule book and the
// resource files that were known when its statement was closed; of a reversal, why the line it
// takes back was.
int explain_statement_line(Shell& shell, std::int64_t number);

}  // namespace dcm::cli
