#pragma once

#include <atomic>
#include <csignal>

namespace dcm::cli {

// SIGINT, SIGTERM and SIGHUP, which a closed terminal sends, ask for a clean stop: the flag is set,
// the batch at hand is finished. A second signal does nothing more; the work in hand is bounded.
// SIGPIPE is ignored: a closed pipe is told by the write, so that what was begun is ended in order.
void install_stop_signals();

// Set once a stop was asked for.
[[nodiscard]] const std::atomic<bool>& stop_requested();

// For a command whose work is done by other threads: made before them, it keeps the signals for the
// thread that waits.
class StopSignals {
public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    // Returns once a stop was asked for.
    void wait() const;

private:
    sigset_t before_{};
};

}  // namespace dcm::cli
