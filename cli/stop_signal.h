#pragma once

#include <atomic>

namespace dcm::cli {

// SIGINT and SIGTERM ask for a clean stop: the flag is set, the batch at hand is finished. A second
// signal does nothing more; the work in hand is bounded. SIGPIPE is ignored: a closed pipe
// is told by the write, so that what was begun is ended in order.
void install_stop_signals();

// Set once a stop was asked for.
[[nodiscard]] const std::atomic<bool>& stop_requested();

}  // namespace dcm::cli
