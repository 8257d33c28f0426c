#pragma once

#include "cli/first_reading.h"
#include "cli/shell.h"

#include <functional>

namespace dcm::cli {

struct ConsumeOptions {
    bool drain = false;
    bool provision = false;
};

// What becomes of the reading, told in the thread that reads; absent where nobody asks.
struct ReadingTold {
    // The database is open, and nothing was read yet.
    std::function<void()> on_start;
    FirstReading* first = nullptr;
};

// Reads the stream into the database until stopped or drained, and prints the counts: `consume`,
// and the daemon's first half.
[[nodiscard]] int consume_stream(Shell& shell,
                                 const ConsumeOptions& options,
                                 const ReadingTold& told);

}  // namespace dcm::cli
