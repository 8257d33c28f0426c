#pragma once

#include "store/log_reader.h"

#include <string>
#include <vector>

namespace dcm::store {

enum class CheckedTables {
    evidence,  // what vouches for the records beside them: few rows each
    all,       // every table of ours
};

// What SQLite finds wrong in tables, the first things of each, in words (ADR 41). A table is passed
// over where that would compute something that is not ours, which the schema's differences tell.

// A value of another storage class than its column declares, NULL where there may be none, an index
// that does not hold exactly the rows of its table.
[[nodiscard]] std::vector<std::string> table_faults(const LogReader& snapshot,
                                                    CheckedTables tables);

// In the tables of records, payloads and tiles: pages that do not lead to each row by its number,
// or to others than who passes over all rows sees. Reads them whole. Less than table_faults() of
// all tables finds.
[[nodiscard]] std::vector<std::string> structure_faults(const LogReader& snapshot);

}  // namespace dcm::store
