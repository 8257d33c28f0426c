#include "store/projection.h"
#include "store/usage_reader.h"

#include <algorithm>
#include <array>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kRebuilding = "rebuild";
constexpr const char* kSelectSize = "SELECT size FROM audit_head WHERE id = 1";
constexpr const char* kResetState = "UPDATE projection SET log_size = 0 WHERE id = 1";

// What is compared: every column of every derived table; `key` names a row to a person.
struct DerivedTable {
    std::string_view name;
    std::string_view columns;
    std::string_view key;
};

constexpr auto kTables = std::to_array<DerivedTable>({
    {"instance",
     "instance_no, service_type, instance_id, provider, status, since, events, last_time,"
     " last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq",
     "service_type || '/' || instance_id"},
    {"interval",
     "instance_no, started_at, ended_at, provider, state, opened_by_seq, closed_by_seq, doubtful",
     "'of instance_no ' || instance_no || ' from ' || started_at"},
    {"instance_event",
     "segment, instance_no, log_seq, event_time, stream_seq, source, word",
     "'of instance_no ' || instance_no || ' at seq ' || log_seq"},
});

std::string copy_statement(const DerivedTable& table) {
    const std::string name(table.name);
    return "CREATE TEMP TABLE before_" + name + " AS SELECT " + std::string(table.columns) +
           " FROM main." + name;
}

// The keys of rows that only one of the two has.
std::string difference_query(const DerivedTable& table) {
    const std::string columns(table.columns);
    const std::string key(table.key);
    const std::string before = "SELECT " + columns + " FROM temp.before_" + std::string(table.name);
    const std::string after = "SELECT " + columns + " FROM main." + std::string(table.name);
    return "SELECT " + key + " FROM (" + before + " EXCEPT " + after + ") UNION ALL SELECT " + key +
           " FROM (" + after + " EXCEPT " + before + ") ORDER BY 1 LIMIT 1";
}

std::int64_t count_rows(soci::session& session, std::string_view table) {
    std::int64_t count = 0;
    session << "SELECT count(*) FROM main." + std::string(table), soci::into(count);
    return count;
}

// Takes in everything between the stored state and `size`, told in steps.
void catch_up(soci::session& session,
              Projection& projection,
              std::int64_t size,
              const std::function<void(std::int64_t, std::int64_t)>& progress) {
    std::int64_t from = read_projection_state(session).log_size;
    while (from < size) {
        const std::int64_t to = std::min(size, from + kSegmentRecords);
        projection.take_in(read_accepted_events(session, {from, to}), to);
        from = to;
        progress(to, size);
    }
}

void set_aside(soci::session& session) {
    for (const DerivedTable& table : kTables) {
        const std::string name(table.name);
        migrations::run_script(session, copy_statement(table), kRebuilding);
        migrations::run_script(session, "DELETE FROM main." + name, kRebuilding);
    }
    migrations::run_script(session, kResetState, kRebuilding);
}

std::string first_difference(soci::session& session, const DerivedTable& table) {
    std::string key;
    session << difference_query(table), soci::into(key);
    return session.got_data() ? std::string(table.name) + " " + key : "";
}

// The first difference, table by table; the copies are dropped.
std::string compare(soci::session& session) {
    std::string difference;
    for (const DerivedTable& table : kTables) {
        if (difference.empty()) {
            difference = first_difference(session, table);
        }
        migrations::run_script(
            session, "DROP TABLE temp.before_" + std::string(table.name), kRebuilding);
    }
    return difference;
}

}  // namespace

RebuildOutcome rebuild(Database& database,
                       const rules::Lifecycle& lifecycle,
                       const std::function<void(std::int64_t, std::int64_t)>& progress) {
    return guarded(kRebuilding, [&] {
        soci::session& session = database.session();
        migrations::WriteTransaction transaction(session, kRebuilding);
        RebuildOutcome outcome;
        session << kSelectSize, soci::into(outcome.records);
        {
            Projection projection(session, lifecycle);
            projection.adopt_lifecycle();
            catch_up(session, projection, outcome.records, [](std::int64_t, std::int64_t) {});
        }
        set_aside(session);
        {
            Projection projection(session, lifecycle);
            catch_up(session, projection, outcome.records, progress);
        }
        outcome.difference = compare(session);
        outcome.instances = count_rows(session, "instance");
        outcome.intervals = count_rows(session, "interval");
        transaction.commit();
        return outcome;
    });
}

}  // namespace dcm::store
