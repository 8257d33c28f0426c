#pragma once

#include "store/log_reader.h"

#include <string>
#include <vector>

namespace dcm::store {

enum class CheckedTables {
    evidence,  // what vouches for the records beside them: few rows each
    all,       // every table of ours
};

// What SQLite finds wrong in tables: a value of another storage class than its column declares,
// NULL where there may be none, an index that does not hold exactly the rows of its table (ADR 41).
// None of ours is missing. The first things of each table, in words.
[[nodiscard]] std::vector<std::string> table_faults(const LogReader& snapshot,
                                                    CheckedTables tables);

}  // namespace dcm::store
