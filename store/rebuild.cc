#include "store/rebuild.h"

#include "store/derived_ledger.h"
#include "store/dictionaries.h"
#include "store/projection.h"
#include "store/rebuild_check.h"
#include "store/run_check.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr const char* kCountInstances = "SELECT count(*) FROM instance";
constexpr const char* kCountIntervals = "SELECT count(*) FROM interval";
constexpr const char* kClearProjection =
    "DELETE FROM interval; DELETE FROM instance_event; DELETE FROM instance;"
    "DELETE FROM event_after_end; DELETE FROM instance_run; DELETE FROM instance_chunk;"
    "INSERT INTO projection (id, log_size, lifecycle_digest) VALUES (1, 0, '') "
    "ON CONFLICT (id) DO UPDATE SET log_size = 0";

using Progress = std::function<void(std::int64_t, std::int64_t)>;

class Rebuild {
public:
    Rebuild(const DatabaseUrl& url,
            soci::session& session,
            const rules::Lifecycle& lifecycle,
            const Progress& progress)
        : url_(url), session_(session), lifecycle_(lifecycle), progress_(progress) {}

    RebuildOutcome run() {
        RebuildOutcome outcome;
        const DerivedState state = read_derived_state(session_, lifecycle_);
        outcome.records = state.log_size;
        outcome.difference = put_right(state);
        outcome.instances = select_number(kCountInstances);
        outcome.intervals = select_number(kCountIntervals);
        return outcome;
    }

private:
    // The write lock is held, so the snapshot is of the state that it holds. It ends before
    // anything is written.
    [[nodiscard]] DerivedDifferences compare(const DerivedState& state) const {
        const SharedSnapshot snapshot(url_, usual_workers());
        return compare_with_log(snapshot, state, progress_);
    }

    // The first difference there was.
    std::string put_right(const DerivedState& state) {
        const DerivedDifferences differences = compare(state);
        if (!differences.timelines.empty() || !state.lifecycle) {
            migrations::run_script(session_, kClearProjection, kRebuilding);
        } else if (!differences.instance_runs.empty()) {
            lay_runs_down_again(session_, kInstanceIndex, state.projected_to());
        }
        project(state.log_size);
        if (!differences.identities.empty()) {
            lay_runs_down_again(session_, kIdentityIndex, state.log_size);
        }
        if (!differences.ledger.empty()) {
            differences.right_ledger.write(session_);
        }
        if (!differences.dictionaries.empty()) {
            write_dictionaries(session_, *state.in_use);
        }
        return differences.first();
    }

    void project(std::int64_t log_size) {
        InstanceIndex instances(session_);
        Projection projection(session_, lifecycle_, instances);
        projection.adopt_lifecycle();
        std::int64_t from = read_projection_state(session_).log_size;
        while (from < log_size) {
            const std::int64_t to = std::min(log_size, from + kSegmentRecords);
            projection.take_in(read_accepted_events(session_, {from, to}), to);
            from = to;
            progress_(to, log_size);
        }
    }

    std::int64_t select_number(const char* sql) {
        std::int64_t number = 0;
        session_ << sql, soci::into(number);
        return number;
    }

    const DatabaseUrl& url_;
    soci::session& session_;
    const rules::Lifecycle& lifecycle_;
    const Progress& progress_;
};

}  // namespace

RebuildOutcome rebuild(const DatabaseUrl& url,
                       const rules::Lifecycle& lifecycle,
                       const std::function<void(std::int64_t, std::int64_t)>& progress) {
    return guarded(kRebuilding, [&] {
        Database database = Database::open_for_writing(url);
        migrations::WriteTransaction transaction(database.session(), kRebuilding);
        RebuildOutcome outcome = Rebuild(url, database.session(), lifecycle, progress).run();
        transaction.commit();
        return outcome;
    });
}

}  // namespace dcm::store
