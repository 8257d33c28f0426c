#include "store/timeline_table.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr std::string_view kNextOfNumber = "WHERE instance_no > ? ORDER BY instance_no LIMIT 1";
constexpr const char* kUpsertInstance =
    "INSERT INTO instance (instance_no, service_type, instance_id, provider, status, since, events,"
    " last_time, last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (instance_no) DO UPDATE SET provider = excluded.provider,"
    " status = excluded.status, since = excluded.since, events = excluded.events,"
    " last_time = excluded.last_time, last_stream_seq = excluded.last_stream_seq,"
    " last_log_seq = excluded.last_log_seq, ended_time = excluded.ended_time,"
    " ended_stream_seq = excluded.ended_stream_seq, ended_log_seq = excluded.ended_log_seq";
constexpr std::string_view kLastTwo = "WHERE instance_no = ? ORDER BY started_at DESC LIMIT 2";
constexpr std::string_view kNewestFirst = "WHERE instance_no = ? ORDER BY started_at DESC";
// One look into each segment that is there.
constexpr const char* kSelectInstanceEvents =
    "WITH RECURSIVE segment (number) AS ("
    " SELECT min(segment) FROM instance_event UNION ALL"
    " SELECT (SELECT min(segment) FROM instance_event WHERE segment > number) FROM segment"
    " WHERE number IS NOT NULL) "
    "SELECT e.log_seq, e.event_time, e.stream_seq, e.source, e.word "
    "FROM segment CROSS JOIN instance_event AS e "
    "WHERE e.segment = segment.number AND e.instance_no = ?";
constexpr const char* kInsertEvent =
    "INSERT INTO instance_event (segment, instance_no, log_seq, event_time, stream_seq, source, "
    "word) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertAfterEnd =
    "INSERT OR REPLACE INTO event_after_end (seq, instance_no) VALUES (?, ?)";
constexpr const char* kDeleteAfterEnd = "DELETE FROM event_after_end WHERE seq = ?";
constexpr const char* kDeleteInterval =
    "DELETE FROM interval WHERE instance_no = ? AND started_at = ?";
constexpr const char* kPutInterval =
    "INSERT OR REPLACE INTO interval (instance_no, started_at, ended_at, provider, state,"
    " opened_by_seq, closed_by_seq, doubtful) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

}  // namespace

TimelineTable::TimelineTable(soci::session& session)
    : select_next_(session, select_instances(kNextOfNumber).c_str()),
      upsert_instance_(session, kUpsertInstance),
      select_last_two_(session, select_intervals(kLastTwo).c_str()),
      select_all_(session, select_intervals(kNewestFirst).c_str()),
      select_events_(session, kSelectInstanceEvents),
      insert_event_(session, kInsertEvent),
      insert_after_end_(session, kInsertAfterEnd),
      delete_after_end_(session, kDeleteAfterEnd),
      delete_interval_(session, kDeleteInterval),
      put_interval_(session, kPutInterval) {}

TimelineTable::~TimelineTable() = default;

std::optional<StoredInstance> TimelineTable::next(std::int64_t after) {
    std::optional<StoredInstance> found;
    select_next_.bind(after);
    while (select_next_.fetch()) {
        read_instance(select_next_, found.emplace());
    }
    return found;
}

std::vector<billing::Interval> TimelineTable::fetch_intervals(RowStatement& query) {
    std::vector<billing::Interval> intervals;
    while (query.fetch()) {
        intervals.push_back(read_interval(query));
    }
    std::reverse(intervals.begin(), intervals.end());
    return intervals;
}

std::vector<billing::Interval> TimelineTable::last_two_intervals(std::int64_t instance_no) {
    select_last_two_.bind(instance_no);
    return fetch_intervals(select_last_two_);
}

std::vector<billing::Interval> TimelineTable::all_intervals(std::int64_t instance_no) {
    select_all_.bind(instance_no);
    return fetch_intervals(select_all_);
}

std::vector<RecordedEvent> TimelineTable::events(const StoredInstance& instance) {
    std::vector<RecordedEvent> events;
    select_events_.bind(instance.instance_no);
    while (select_events_.fetch()) {
        RecordedEvent& event = events.emplace_back();
        event.key = instance.key;
        event.order = {
            Instant{select_events_.number(1)}, select_events_.number(2), select_events_.number(0)};
        select_events_.copy_to(event.source, 3);
        select_events_.copy_to(event.word, 4);
    }
    return events;
}

void TimelineTable::save(const StoredInstance& instance) {
    const billing::InstanceSummary& summary = instance.summary;
    const auto& ended = summary.ended;
    upsert_instance_.bind(instance.instance_no)
        .bind(instance.key.service_type)
        .bind(instance.key.instance)
        .bind(summary.provider)
        .bind(summary.status)
        .bind(summary.since.micros)
        .bind(summary.events)
        .bind(summary.last.time.micros)
        .bind(summary.last.stream_seq)
        .bind(summary.last.log_seq)
        .bind_or_null(ended ? std::optional(ended->time.micros) : std::nullopt)
        .bind_or_null(ended ? std::optional(ended->stream_seq) : std::nullopt)
        .bind_or_null(ended ? std::optional(ended->log_seq) : std::nullopt)
        .run();
}

void TimelineTable::insert_event(std::int64_t instance_no, const RecordedEvent& event) {
    insert_event_.bind(event.order.log_seq / kSegmentRecords)
        .bind(instance_no)
        .bind(event.order.log_seq)
        .bind(event.order.time.micros)
        .bind(event.order.stream_seq)
        .bind(event.source)
        .bind(event.word)
        .run();
}

void TimelineTable::set_after_end(std::int64_t instance_no, std::int64_t log_seq, bool is_after) {
    if (is_after) {
        insert_after_end_.bind(log_seq).bind(instance_no).run();
    } else {
        delete_after_end_.bind(log_seq).run();
    }
}

void TimelineTable::replace_intervals(std::int64_t instance_no,
                                      const std::vector<billing::Interval>& before,
                                      const std::vector<billing::Interval>& after) {
    const auto first = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    std::for_each(first.first, before.end(), [&](const billing::Interval& interval) {
        // One that begins at the same time is put in its place below.
        const bool is_replaced = std::binary_search(
            first.second, after.end(), interval, [](const auto& left, const auto& right) {
                return left.start < right.start;
            });
        if (!is_replaced) {
            delete_interval_.bind(instance_no).bind(interval.start.micros).run();
        }
    });
    std::for_each(first.second, after.end(), [&](const billing::Interval& interval) {
        put_interval(instance_no, interval);
    });
}

void TimelineTable::put_interval(std::int64_t instance_no, const billing::Interval& interval) {
    put_interval_.bind(instance_no)
        .bind(interval.start.micros)
        .bind_or_null(interval.end ? std::optional(interval.end->micros) : std::nullopt)
        .bind(interval.provider)
        .bind(interval.state)
        .bind(interval.opened_by)
        .bind_or_null(interval.closed_by)
        .bind(std::int64_t{interval.doubtful ? 1 : 0})
        .run();
}

}  // namespace dcm::store
