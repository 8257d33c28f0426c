#pragma once

#include "cli/shell.h"

#include <cstdint>
#include <functional>

namespace dcm::cli {

struct ConsumeOptions {
    bool drain = false;
    bool provision = false;
};

// What becomes of the reading, each told in the thread that reads; absent where nobody asks.
struct ReadingTold {
    // The database is open, and nothing was read yet.
    std::function<void()> on_start;
    // The broker was found; so many messages wait there, or are on their way to somebody.
    std::function<void(std::int64_t)> on_attached;
    // So many messages more are recorded.
    std::function<void(std::int64_t)> on_read;
};

// Reads the stream into the database until stopped or drained, and prints the counts: `consume`,
// and the daemon's first half.
[[nodiscard]] int consume_stream(Shell& shell,
                                 const ConsumeOptions& options,
                                 const ReadingTold& told);

}  // namespace dcm::cli
