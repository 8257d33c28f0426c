#pragma once

#include "base/result.h"
#include "consumer/ingest.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

namespace dcm::consumer {

enum class Until {
    stopped,  // until the stop flag is set
    drained,  // or until the source has nothing left
};

// Waiting between attempts grows from `first` to `max`, doubling.
struct Backoff {
    std::chrono::milliseconds first{100};
    std::chrono::milliseconds max{5'000};
};

struct LoopOptions {
    Until until = Until::stopped;
    Backoff backoff;
    // After so long in waits without work between them the failure is the caller's; never when
    // absent.
    std::optional<std::chrono::milliseconds> patience;
    // Told before each wait for another attempt, and once work goes on.
    std::function<void(const Failure&, std::chrono::milliseconds)> on_trouble;
    std::function<void()> on_recovery;
    // Waits; the default returns at once when the stop flag is set.
    std::function<void(std::chrono::milliseconds)> pause;
};

// Runs until the stop flag is set or the source is drained, then commits what it has and brings the
// projection up to the log. Environment failures are tried again; Refused, malformed, what is left
// after the patience, and a database that is damaged each time are thrown. Whatever it throws: what
// was acknowledged is committed.
store::IngestCounts run_loop(Ingest& ingest,
                             const LoopOptions& options,
                             const std::atomic<bool>& stop);

}  // namespace dcm::consumer
