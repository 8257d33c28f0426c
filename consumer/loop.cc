#include "consumer/loop.h"

#include "consumer/stream_setup.h"

#include <poll.h>

#include <algorithm>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauseSlice{50};

// What is held stays ours meanwhile.
void pause_unless_stopped(Ingest& ingest, milliseconds length, const std::atomic<bool>& stop) {
    while (length.count() > 0 && !stop) {
        const milliseconds slice = std::min(length, kPauseSlice);
        // A signal ends it early.
        static_cast<void>(poll(nullptr, 0, static_cast<int>(slice.count())));
        length -= slice;
        ingest.keep();
    }
}

// The waits between attempts of one trouble.
class Trouble {
public:
    explicit Trouble(const LoopOptions& options)
        : options_(options), next_(options.backoff.first) {}

    // The next wait; nullopt when the patience is over.
    [[nodiscard]] std::optional<milliseconds> next_wait() {
        if (options_.patience.has_value() && waited_ >= *options_.patience) {
            return std::nullopt;
        }
        const milliseconds wait = next_;
        waited_ += wait;
        next_ = std::min(next_ * 2, options_.backoff.max);
        present_ = true;
        return wait;
    }
    void over() {
        if (present_ && options_.on_recovery) {
            options_.on_recovery();
        }
        present_ = false;
        waited_ = milliseconds(0);
        next_ = options_.backoff.first;
    }

private:
    const LoopOptions& options_;
    milliseconds next_;
    milliseconds waited_{0};
    bool present_ = false;
};

// Whether there is more to do.
bool go_on(Ingest& ingest, const LoopOptions& options, const std::atomic<bool>& stop) {
    const Ingest::Step step = ingest.step(stop);
    return step == Ingest::Step::worked || options.until == Until::stopped || !ingest.drained();
}

}  // namespace

store::IngestCounts run_loop(Ingest& ingest,
                             const LoopOptions& options,
                             const std::atomic<bool>& stop) {
    Trouble trouble(options);
    bool more = true;
    while (more && !stop) {
        try {
            more = go_on(ingest, options, stop);
            trouble.over();
        } catch (const Refused&) {
            throw;
        } catch (const Failure& failure) {
            if (failure.kind() != ErrorKind::environment) {
                throw;
            }
            const std::optional<milliseconds> wait = trouble.next_wait();
            if (!wait.has_value()) {
                throw;
            }
            if (options.on_trouble) {
                options.on_trouble(failure, *wait);
            }
            if (options.pause) {
                options.pause(*wait);
            } else {
                pause_unless_stopped(ingest, *wait, stop);
            }
        }
    }
    ingest.finish();
    return ingest.totals();
}

}  // namespace dcm::consumer
