#pragma once

#include "audit/examined_row.h"
#include "store/shared_snapshot.h"

#include <cstdint>
#include <functional>

namespace dcm::store {

struct ExaminedLogVisitor {
    std::function<void(audit::ExaminedRow&&)> row;
    // The seq of a payload that has no record.
    std::function<void(std::int64_t)> orphan;
};

// Examines every row of the log from `from` on, also those beyond its head, and hands them over in
// their order; what is handed over does not depend on how many workers there are. Each works in a
// thread, a single one in the calling thread; some thousand rows of each are in memory.
void examine_log(const SharedSnapshot& snapshot,
                 std::int64_t from,
                 const ExaminedLogVisitor& visit);

}  // namespace dcm::store
