#pragma once

#include "store/log_reader.h"

#include <string>
#include <vector>

namespace dcm::store {

// What in the closed months is not as the log's records of their closing say: the months, their
// lines with the hash over all of them, their statements, which are the lines' sums, and the rule
// books they were priced with. Reads all of it.
[[nodiscard]] std::vector<std::string> compare_closed_periods(const LogReader& snapshot);

}  // namespace dcm::store
