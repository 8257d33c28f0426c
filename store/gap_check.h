#pragma once

#include "store/log_reader.h"

#include <string>
#include <vector>

namespace dcm::store {

// What in the account of the broker's sequences is not as the log says: each gap that is kept is
// told by a `source.gap` record and each such record is kept, but for what a later `source.reset`
// of a stream that lost its end takes from it, and a durable that has its stream
// alone is complete only as far as no sequence is missing without one. Walks through the log;
// broker_range is taken as it is, the derived ledger compares it.
[[nodiscard]] std::vector<std::string> compare_gaps(const LogReader& snapshot);

}  // namespace dcm::store
