#include "store/rebuild_check.h"

#include "store/beside.h"
#include "store/derived_ledger.h"
#include "store/dictionaries.h"
#include "store/first_difference.h"
#include "store/log_stretch.h"
#include "store/projection.h"
#include "store/run_check.h"
#include "store/stored_lifecycle.h"
#include "store/timeline_check.h"
#include "store/timeline_table.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <limits>
#include <mutex>
#include <vector>

namespace dcm::store {
namespace {

constexpr const char* kSelectSizes =
    "SELECT coalesce((SELECT size FROM audit_head WHERE id = 1), -1), coalesce(max(seq), -1) "
    "FROM audit_log NOT INDEXED";
constexpr const char* kSelectLifecycleInUse =
    "SELECT lifecycle_digest FROM book_in_use WHERE id = 1";
// Enough that no thread waits long for the last one.
constexpr std::int64_t kInstancePieces = 64;
constexpr const char* kSelectStrayEvent =
    "SELECT instance_no, log_seq FROM instance_event WHERE segment < 0 "
    "UNION ALL SELECT instance_no, log_seq FROM instance_event WHERE segment >= ? LIMIT 1";
constexpr const char* kCountAfterEnd = "SELECT count(*) FROM event_after_end";

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

class Check {
public:
    Check(const SharedSnapshot& snapshot,
          const DerivedState& state,
          const std::function<void(std::int64_t, std::int64_t)>& progress)
        : snapshot_(snapshot),
          state_(state),
          progress_(progress),
          session_(snapshot.first().database().session()),
          segments_((state.log_size + kSegmentRecords - 1) / kSegmentRecords),
          instances_(session_),
          retried_(read_retried_events(session_, state.projected_to())),
          instance_runs_(session_, kInstanceIndex, state.projected_to()),
          identities_(session_, kIdentityIndex, state.log_size),
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
        if (state_.projection_size != state_.projected_to()) {
            differences.timelines = "projection log_size " +
                                    std::to_string(state_.projection_size) + ", the log has " +
                                    std::to_string(state_.log_size);
        }
        differences.instance_runs = instance_runs_.difference(session_);
        differences.identities = identities_.difference(session_);
        differences.ledger = differences.right_ledger.difference(session_);
        if (state_.in_use) {
            differences.dictionaries = dictionary_difference(session_, *state_.in_use);
        }
        return differences;
    }

private:
    // Each worker in a thread; what one of them throws is thrown.
    void with_every_worker(const std::function<void(soci::session&)>& work) const {
        std::vector<std::future<void>> workers;
        for (std::size_t i = 0; i < snapshot_.workers(); ++i) {
            soci::session& session = snapshot_.worker(i).database().session();
            workers.push_back(std::async(
                kBeside, [&session, &work] { guarded(kRebuilding, [&] { work(session); }); }));
        }
        for (std::future<void>& worker : workers) {
            worker.get();
        }
    }

    void check_stretches() {
        Turns segments(segments_);
        with_every_worker([&](soci::session& session) {
            while (const auto segment = segments.next()) {
                check_stretch(session, *segment);
            }
        });
        RowStatement stray(session_, kSelectStrayEvent);
        stray.bind(segments_);
        if (stray.fetch()) {
            timelines_.tell(Numbers::max(), told_event({stray.number(0), stray.number(1)}));
        }
    }

    void check_stretch(soci::session& session, std::int64_t segment) {
        const SeqRange range{segment * kSegmentRecords,
                             std::min(state_.log_size, (segment + 1) * kSegmentRecords)};
        const LogStretch stretch(session, range, {instances_, retried_, state_.projected_to()});
        if (!stretch.stranger().empty()) {
            timelines_.tell(range.from, "instance " + stretch.stranger());
        } else if (auto found = event_difference(session, segment, stretch); !found.empty()) {
            timelines_.tell(range.from, std::move(found));
        }
        instance_runs_.add(session, range, stretch.instances());
        identities_.add(session, range, stretch.identities());
        runs_[static_cast<std::size_t>(segment)] = stretch.runs();
        advance((range.to - range.from) * kLogShare);
    }

    void check_timelines() {
        Turns pieces(kInstancePieces);
        std::atomic<std::int64_t> after_end{0};
        with_every_worker([&](soci::session& session) {
            TimelineCheck check(session, *state_.lifecycle, retried_, segments_);
            while (const auto piece = pieces.next()) {
                check.check(instances_of(*piece), timelines_);
                advance(start_of(*piece + 1) - start_of(*piece));
            }
            after_end += check.events_after_end();
        });
        RowStatement count(session_, kCountAfterEnd);
        if (count.fetch() && count.number(0) != after_end) {
            timelines_.tell(Numbers::max(),
                            "event_after_end has " + std::to_string(count.number(0)) +
                                " rows, the log gives " + std::to_string(after_end));
        }
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

    const SharedSnapshot& snapshot_;
    const DerivedState& state_;
    const std::function<void(std::int64_t, std::int64_t)>& progress_;
    soci::session& session_;
    std::int64_t segments_;
    KnownInstances instances_;
    std::vector<RetriedEvent> retried_;
    RunCheck instance_runs_;
    RunCheck identities_;
    FirstDifference timelines_;
    std::vector<std::vector<RecordedRun>> runs_;  // of each segment, by one thread
    std::mutex progress_mutex_;
    std::int64_t shares_done_ = 0;
};

std::optional<rules::Lifecycle> lifecycle_with(const std::string& digest,
                                               const rules::Lifecycle& offered,
                                               soci::session& session) {
    return digest == digest_of(offered) ? offered : find_lifecycle(session, digest);
}

// Memory is laid out for so many.
std::int64_t counted_records(soci::session& session) {
    std::int64_t size = 0;
    std::int64_t last = 0;
    session << kSelectSizes, soci::into(size), soci::into(last);
    if (size < 0 || last != size - 1) {
        throw Failure(ErrorKind::malformed,
                      "audit log: its head counts " + std::to_string(size) +
                          " records, the last one is " + std::to_string(last) +
                          "; run `dcm-billing audit verify`");
    }
    return size;
}

}  // namespace

std::int64_t DerivedState::projected_to() const {
    return std::clamp<std::int64_t>(projection_size, 0, log_size);
}

DerivedState read_derived_state(soci::session& session, const rules::Lifecycle& offered) {
    return guarded(kRebuilding, [&] {
        DerivedState state;
        state.log_size = counted_records(session);
        const ProjectionState projection = read_projection_state(session);
        state.projection_size = projection.log_size;
        state.followed = projection.lifecycle_digest;
        state.lifecycle =
            state.projected_to() == 0 ? offered : lifecycle_with(state.followed, offered, session);
        std::string in_use;
        session << kSelectLifecycleInUse, soci::into(in_use);
        state.in_use = lifecycle_with(in_use, offered, session);
        return state;
    });
}

std::string DerivedDifferences::first() const {
    for (const std::string* const found :
         {&timelines, &instance_runs, &identities, &ledger, &dictionaries}) {
        if (!found->empty()) {
            return *found;
        }
    }
    return "";
}

DerivedDifferences compare_with_log(
    const SharedSnapshot& snapshot,
    const DerivedState& state,
    const std::function<void(std::int64_t, std::int64_t)>& progress) {
    return guarded(kRebuilding, [&] { return Check(snapshot, state, progress).run(); });
}

}  // namespace dcm::store
