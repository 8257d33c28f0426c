#include "store/rebuild_check.h"

#include "store/beside.h"
#include "store/first_difference.h"
#include "store/identity_check.h"
#include "store/log_stretch.h"
#include "store/timeline_check.h"
#include "store/timeline_table.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

namespace dcm::store {
namespace {

constexpr std::string_view kRebuilding = "rebuild";
// Each table is read once and in order: no use for a large cache.
constexpr const char* kCachePragma = "PRAGMA cache_size = -8192";
constexpr unsigned kThreadsMax = 8;
// Enough that no thread waits long for the last one.
constexpr std::int64_t kInstancePieces = 64;
constexpr const char* kSelectStrayEvent =
    "SELECT instance_no, log_seq FROM instance_event WHERE segment < 0 "
    "UNION ALL SELECT instance_no, log_seq FROM instance_event WHERE segment >= ? LIMIT 1";

using Numbers = std::numeric_limits<std::int64_t>;

// Reading the log takes two thirds of the time, folding one.
constexpr std::int64_t kLogShare = 2;
constexpr std::int64_t kShares = 3;

// Hands out [0, count) to several threads.
class Turns {
public:
    explicit Turns(std::int64_t count) : count_(count) {}
    [[nodiscard]] std::optional<std::int64_t> next() {
        const std::int64_t turn = next_.fetch_add(1);
        return turn < count_ ? std::optional(turn) : std::nullopt;
    }

private:
    std::int64_t count_;
    std::atomic<std::int64_t> next_{0};
};

Database open(const DatabaseUrl& url) {
    Database database = Database::open_for_reading(url);
    migrations::run_script(database.session(), kCachePragma, kRebuilding);
    return database;
}

class Check {
public:
    Check(const DatabaseUrl& url,
          const DerivedState& state,
          const std::function<void(std::int64_t, std::int64_t)>& progress)
        : url_(url),
          state_(state),
          progress_(progress),
          database_(open(url)),
          segments_((state.log_size + kSegmentRecords - 1) / kSegmentRecords),
          instances_(database_.session()),
          retried_(read_retried_events(database_.session(), state.projected_to)),
          identities_(database_.session(), state.log_size),
          runs_(static_cast<std::size_t>(segments_)) {}

    DerivedDifferences run() {
        check_stretches();
        if (timelines_.what().empty() && state_.lifecycle) {
            check_timelines();
        }
        DerivedDifferences differences;
        for (const auto& runs : runs_) {
            for (const RecordedRun& run : runs) {
                differences.right_ledger.add(run);
            }
        }
        differences.timelines = timelines_.what();
        differences.identities = identities_.difference(database_.session());
        differences.ledger = differences.right_ledger.difference(database_.session());
        return differences;
    }

private:
    // Each thread with a connection of its own; what one of them throws is thrown.
    void on_every_core(const std::function<void(soci::session&)>& work) const {
        std::vector<std::future<void>> workers;
        for (unsigned i = 0; i < std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
             ++i) {
            workers.push_back(std::async(kBeside, [this, &work] {
                Database database = open(url_);
                guarded(kRebuilding, [&] { work(database.session()); });
            }));
        }
        for (std::future<void>& worker : workers) {
            worker.get();
        }
    }

    void check_stretches() {
        Turns segments(segments_);
        on_every_core([&](soci::session& session) {
            while (const auto segment = segments.next()) {
                check_stretch(session, *segment);
            }
        });
        RowStatement stray(database_.session(), kSelectStrayEvent);
        stray.bind(segments_);
        if (stray.fetch()) {
            timelines_.tell(Numbers::max(), told_event({stray.number(0), stray.number(1)}));
        }
    }

    void check_stretch(soci::session& session, std::int64_t segment) {
        const SeqRange range{segment * kSegmentRecords,
                             std::min(state_.log_size, (segment + 1) * kSegmentRecords)};
        const LogStretch stretch(session, range, {instances_, retried_, state_.projected_to});
        if (!stretch.stranger().empty()) {
            timelines_.tell(range.from, "instance " + stretch.stranger());
        } else if (auto found = event_difference(session, segment, stretch); !found.empty()) {
            timelines_.tell(range.from, std::move(found));
        }
        identities_.add(session, range, stretch.identities());
        runs_[static_cast<std::size_t>(segment)] = stretch.runs();
        advance((range.to - range.from) * kLogShare);
    }

    void check_timelines() {
        Turns pieces(kInstancePieces);
        on_every_core([&](soci::session& session) {
            TimelineCheck check(session, *state_.lifecycle, retried_, segments_);
            while (const auto piece = pieces.next()) {
                check.check(instances_of(*piece), timelines_);
                advance(start_of(*piece + 1) - start_of(*piece));
            }
        });
    }

    [[nodiscard]] std::int64_t start_of(std::int64_t piece) const {
        return state_.log_size / kInstancePieces * piece;
    }
    // The first and the last piece reach as far as numbers do: a wrong row may have any.
    [[nodiscard]] SeqRange instances_of(std::int64_t piece) const {
        return {piece == 0 ? Numbers::min() : start_of(piece),
                piece + 1 == kInstancePieces ? Numbers::max() : start_of(piece + 1)};
    }

    void advance(std::int64_t shares) {
        const std::lock_guard lock(progress_mutex_);
        shares_done_ += shares;
        progress_(shares_done_ / kShares, state_.log_size);
    }

    const DatabaseUrl& url_;
    const DerivedState& state_;
    const std::function<void(std::int64_t, std::int64_t)>& progress_;
    Database database_;
    std::int64_t segments_;
    KnownInstances instances_;
    std::vector<RetriedEvent> retried_;
    IdentityCheck identities_;
    FirstDifference timelines_;
    std::vector<std::vector<RecordedRun>> runs_;  // of each segment, by one thread
    std::mutex progress_mutex_;
    std::int64_t shares_done_ = 0;
};

}  // namespace

DerivedDifferences compare_with_log(
    const DatabaseUrl& url,
    const DerivedState& state,
    const std::function<void(std::int64_t, std::int64_t)>& progress) {
    return Check(url, state, progress).run();
}

}  // namespace dcm::store
