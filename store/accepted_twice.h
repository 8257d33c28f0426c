#pragma once

#include "store/log_reader.h"

#include <cstdint>
#include <optional>

namespace dcm::store {

// Records that accepted one event.
struct AcceptedTwice {
    std::int64_t first = 0;
    std::int64_t second = 0;
};

// The first event by digest that the log accepted twice, and billed twice: what finds an event are
// filters and an index of the log (ADR 8), and whoever hides a record from them for a moment leaves
// the second one behind. Goes by the stored runs, side by side, and by what came after the newest;
// that they are those of the log is compare_with_log()'s to say.
[[nodiscard]] std::optional<AcceptedTwice> find_accepted_twice(const LogReader& snapshot);

}  // namespace dcm::store
