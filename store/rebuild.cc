#include "store/rebuild.h"

#include "store/dictionaries.h"
#include "store/identity_check.h"
#include "store/projection.h"
#include "store/rebuild_check.h"
#include "store/stored_lifecycle.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr std::string_view kRebuilding = "rebuild";
constexpr const char* kSelectSize = "SELECT size FROM audit_head WHERE id = 1";
constexpr const char* kCountInstances = "SELECT count(*) FROM instance";
constexpr const char* kCountIntervals = "SELECT count(*) FROM interval";
constexpr const char* kSelectInUse = "SELECT lifecycle_digest FROM book_in_use WHERE id = 1";
constexpr const char* kClearProjection =
    "DELETE FROM interval; DELETE FROM instance_event; DELETE FROM instance;"
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
        outcome.records = select_number(kSelectSize);
        outcome.difference = put_right(outcome.records);
        outcome.instances = select_number(kCountInstances);
        outcome.intervals = select_number(kCountIntervals);
        return outcome;
    }

private:
    // The first difference there was.
    std::string put_right(std::int64_t log_size) {
        DerivedState state;
        state.log_size = log_size;
        const ProjectionState projection = read_projection_state(session_);
        state.projected_to = std::clamp<std::int64_t>(projection.log_size, 0, log_size);
        state.lifecycle = lifecycle_with(projection.lifecycle_digest);
        DerivedDifferences differences = compare_with_log(url_, state, progress_);
        if (projection.log_size != state.projected_to) {
            differences.timelines = "projection log_size " + std::to_string(projection.log_size) +
                                    ", the log has " + std::to_string(log_size);
        }
        put_timelines_right(log_size, differences.timelines.empty() && state.lifecycle.has_value());
        if (!differences.identities.empty()) {
            lay_runs_down_again(session_, log_size);
        }
        if (!differences.ledger.empty()) {
            differences.right_ledger.write(session_);
        }
        const std::string dictionaries = put_dictionaries_right();
        for (const std::string& found :
             {differences.timelines, differences.identities, differences.ledger, dictionaries}) {
            if (!found.empty()) {
                return found;
            }
        }
        return "";
    }

    void put_timelines_right(std::int64_t log_size, bool is_right) {
        if (!is_right) {
            migrations::run_script(session_, kClearProjection, kRebuilding);
        }
        Projection projection(session_, lifecycle_);
        projection.adopt_lifecycle();
        std::int64_t from = read_projection_state(session_).log_size;
        while (from < log_size) {
            const std::int64_t to = std::min(log_size, from + kSegmentRecords);
            projection.take_in(read_accepted_events(session_, {from, to}), to);
            from = to;
            progress_(to, log_size);
        }
    }

    // Those of the book in use, which need not be the one this rebuild derives under.
    std::string put_dictionaries_right() {
        std::string digest;
        session_ << kSelectInUse, soci::into(digest);
        const auto in_use = lifecycle_with(digest);
        if (!in_use) {
            return "";
        }
        std::string found = dictionary_difference(session_, *in_use);
        if (!found.empty()) {
            write_dictionaries(session_, *in_use);
        }
        return found;
    }

    std::optional<rules::Lifecycle> lifecycle_with(const std::string& digest) {
        return digest == digest_of(lifecycle_) ? lifecycle_ : find_lifecycle(session_, digest);
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
