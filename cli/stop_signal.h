#pragma once

#include <atomic>

namespace dcm::cli {

// SIGINT, SIGTERM and SIGHUP, which a closed terminal sends, ask for a clean stop: the flag is set,
// the batch at hand is finished. A second signal does nothing more; the work in hand is bounded.
// SIGHUP is left ignored where it was, as `nohup` asks. SIGPIPE is ignored: a closed pipe is told
// by the write, so that what was begun is ended in order.
// To be called before any other thread is there: one thread takes the signals, so that no call of
// another is interrupted; cnats takes an interrupted wait for a lost connection.
void take_stop_signals();

// Set once a stop was asked for.
[[nodiscard]] const std::atomic<bool>& stop_requested();

// For a command whose work is done by other threads: returns once a stop was asked for.
void wait_for_stop();

}  // namespace dcm::cli
