#include "consumer/loop.h"

#include "consumer/stream_setup.h"
#include "store/lasting_failure.h"

#include <poll.h>

#include <algorithm>
#include <string>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPauseSlice{50};
// A step that found nothing to do proves little: only so long without a failure the trouble is
// over.
constexpr std::chrono::seconds kQuietMin{10};
// So many failures in a row that say the database is damaged, or refuses what is written.
constexpr int kLastingMax = 8;

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
        failed_at_ = std::chrono::steady_clock::now();
        return wait;
    }
    void idle() {
        if (present_ && std::chrono::steady_clock::now() - failed_at_ >= kQuietMin) {
            over();
        }
    }
    void over() {
        if (present_ && options_.on_recovery) {
            options_.on_recovery();
        }
        present_ = false;
        waited_ = milliseconds(0);
        lasting_ = 0;
        next_ = options_.backoff.first;
    }

    // Throws when it is the last of too many of its kind in a row.
    void require_hope(const Failure& failure) {
        lasting_ = store::is_lasting(failure) ? lasting_ + 1 : 0;
        if (lasting_ == kLastingMax) {
            throw Failure(ErrorKind::environment,
                          std::string(failure.what()) + ", " + std::to_string(kLastingMax) +
                              " times in a row: given up. Nothing was acknowledged that is not "
                              "recorded; see docs/operating.md, “A damaged database”");
        }
    }

private:
    const LoopOptions& options_;
    milliseconds next_;
    milliseconds waited_{0};
    bool present_ = false;
    std::chrono::steady_clock::time_point failed_at_;
    int lasting_ = 0;
};

// How long to wait before the next try, while the failure is handled: what waiting does not help
// is thrown on.
milliseconds wait_after(const Failure& failure, Trouble& trouble) {
    if (failure.kind() != ErrorKind::environment) {
        throw;
    }
    trouble.require_hope(failure);
    const std::optional<milliseconds> wait = trouble.next_wait();
    if (!wait) {
        throw;
    }
    return *wait;
}

}  // namespace

store::IngestCounts run_loop(Ingest& ingest,
                             const LoopOptions& options,
                             const std::atomic<bool>& stop) {
    Trouble trouble(options);
    bool more = true;
    while (more && !stop) {
        try {
            const Ingest::Step step = ingest.step(stop);
            more = step == Ingest::Step::worked || options.until == Until::stopped ||
                   !ingest.drained();
            if (step == Ingest::Step::idle) {
                trouble.idle();
            } else {
                trouble.over();
            }
        } catch (const Refused&) {
            throw;
        } catch (const Failure& failure) {
            const milliseconds wait = wait_after(failure, trouble);
            if (options.on_trouble) {
                options.on_trouble(failure, wait);
            }
            if (options.pause) {
                options.pause(wait);
            } else {
                pause_unless_stopped(ingest, wait, stop);
            }
        }
    }
    ingest.finish();
    return ingest.totals();
}

}  // namespace dcm::consumer
