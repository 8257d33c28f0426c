#pragma once

#include <atomic>

namespace dcm::cli {

// A closed pipe is told by the write, so that what was begun is ended in order.
void ignore_broken_pipes();

// For a command that looks at stop_requested(), before it starts anything: from then on SIGINT,
// SIGTERM and SIGHUP, which a closed terminal sends, ask for a clean stop. The flag is set, the
// batch at hand is finished; a second signal does nothing more, the work in hand is bounded. Other
// commands are ended by a signal as any program is, and leave what `kill -9` leaves.
// SIGHUP stays ignored where it was, as `nohup` asks.
// One thread takes the signals, so that no call of another is interrupted: cnats takes an
// interrupted wait for a lost connection. Where there is no thread to be had, a handler does.
void take_stop_signals();

// Set once a stop was asked for.
[[nodiscard]] const std::atomic<bool>& stop_requested();

// For a command whose work is done by other threads: returns once a stop was asked for.
void wait_for_stop();

}  // namespace dcm::cli
