#pragma once

#include "store/log_reader.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dcm::store {

// Told lines done and in all.
using CheckProgress = std::function<void(std::int64_t, std::int64_t)>;

// What in the closed months is not as the log's records of their closing say: the months, their
// lines with the hash over all of them, their statements, which are the lines' sums, and the rule
// books they were priced with. Reads all of it.
[[nodiscard]] std::vector<std::string> compare_closed_periods(const LogReader& snapshot,
                                                              const CheckProgress& progress);

// The signed note that the statements of a closed month carry: the newest one when it was closed.
struct ClosingNote {
    std::string period;
    std::int64_t log_size = 0;  // that it was closed at
    std::string note;
};
// Of those months that have one.
[[nodiscard]] std::vector<ClosingNote> closing_notes(const LogReader& snapshot);

}  // namespace dcm::store
