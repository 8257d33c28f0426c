#pragma once

#include "cli/shell.h"

#include <functional>

namespace dcm::cli {

struct ConsumeOptions {
    bool drain = false;
    bool provision = false;
};

// Reads the stream into the database until stopped or drained, and prints the counts: `consume`,
// and the daemon's first half. `on_start` is called when the database is open and nothing was read
// yet.
[[nodiscard]] int consume_stream(Shell& shell,
                                 const ConsumeOptions& options,
                                 const std::function<void()>& on_start);

}  // namespace dcm::cli
