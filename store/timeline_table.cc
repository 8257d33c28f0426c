#include "store/timeline_table.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr const char* kSelectInstance =
    "SELECT instance_no, service_type, instance_id, provider, status, since, events, last_time,"
    " last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq "
    "FROM instance WHERE service_type = :service_type AND instance_id = :instance_id";
constexpr const char* kSelectNext =
    "SELECT instance_no, service_type, instance_id, provider, status, since, events, last_time,"
    " last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq "
    "FROM instance WHERE (service_type, instance_id) > (:service_type, :instance_id) "
    "ORDER BY service_type, instance_id LIMIT 1";
constexpr const char* kUpsertInstance =
    "INSERT INTO instance (instance_no, service_type, instance_id, provider, status, since, events,"
    " last_time, last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq) "
    "VALUES (:instance_no, :service_type, :instance_id, :provider, :status, :since, :events,"
    " :last_time, :last_stream_seq, :last_log_seq, :ended_time, :ended_stream_seq, :ended_log_seq) "
    "ON CONFLICT (instance_no) DO UPDATE SET provider = excluded.provider,"
    " status = excluded.status, since = excluded.since, events = excluded.events,"
    " last_time = excluded.last_time, last_stream_seq = excluded.last_stream_seq,"
    " last_log_seq = excluded.last_log_seq, ended_time = excluded.ended_time,"
    " ended_stream_seq = excluded.ended_stream_seq, ended_log_seq = excluded.ended_log_seq";
constexpr const char* kSelectLastTwo =
    "SELECT started_at, ended_at, provider, state, opened_by_seq, closed_by_seq, doubtful "
    "FROM interval WHERE instance_no = :instance_no ORDER BY started_at DESC LIMIT 2";
constexpr const char* kSelectAll =
    "SELECT started_at, ended_at, provider, state, opened_by_seq, closed_by_seq, doubtful "
    "FROM interval WHERE instance_no = :instance_no ORDER BY started_at DESC";
// One look into each segment.
constexpr const char* kSelectEvents =
    "WITH RECURSIVE segment (number) AS ("
    " SELECT 0 UNION ALL SELECT number + 1 FROM segment"
    " WHERE number < (SELECT max(segment) FROM instance_event)) "
    "SELECT e.log_seq, e.event_time, e.stream_seq, e.source, e.word "
    "FROM segment CROSS JOIN instance_event AS e "
    "WHERE e.segment = segment.number AND e.instance_no = :instance_no";
constexpr const char* kInsertEvent =
    "INSERT INTO instance_event (segment, instance_no, log_seq, event_time, stream_seq, source, "
    "word) "
    "VALUES (:segment, :instance_no, :log_seq, :event_time, :stream_seq, :source, :word)";
constexpr const char* kDeleteIntervals =
    "DELETE FROM interval WHERE instance_no = :instance_no AND started_at >= :started_at";
constexpr const char* kInsertInterval =
    "INSERT INTO interval (instance_no, started_at, ended_at, provider, state, opened_by_seq,"
    " closed_by_seq, doubtful) "
    "VALUES (:instance_no, :started_at, :ended_at, :provider, :state, :opened_by_seq,"
    " :closed_by_seq, :doubtful)";

}  // namespace

TimelineTable::TimelineTable(soci::session& session)
    : session_(session),
      select_instance_(prepare_instance_query(kSelectInstance)),
      select_next_(prepare_instance_query(kSelectNext)),
      upsert_instance_(
          (session.prepare << kUpsertInstance,
           soci::use(row_.instance.instance_no, "instance_no"),
           soci::use(row_.instance.key.service_type, "service_type"),
           soci::use(row_.instance.key.instance, "instance_id"),
           soci::use(row_.instance.summary.provider, "provider"),
           soci::use(row_.instance.summary.status, "status"),
           soci::use(row_.instance.summary.since.micros, "since"),
           soci::use(row_.instance.summary.events, "events"),
           soci::use(row_.instance.summary.last.time.micros, "last_time"),
           soci::use(row_.instance.summary.last.stream_seq, "last_stream_seq"),
           soci::use(row_.instance.summary.last.log_seq, "last_log_seq"),
           soci::use(row_.ended_time.value, row_.ended_time.state, "ended_time"),
           soci::use(row_.ended_stream_seq.value, row_.ended_stream_seq.state, "ended_stream_seq"),
           soci::use(row_.ended_log_seq.value, row_.ended_log_seq.state, "ended_log_seq"))),
      select_last_two_(prepare_interval_query(kSelectLastTwo)),
      select_all_(prepare_interval_query(kSelectAll)),
      select_events_((session.prepare << kSelectEvents,
                      soci::use(instance_no_, "instance_no"),
                      soci::into(event_.log_seq),
                      soci::into(event_.time),
                      soci::into(event_.stream_seq),
                      soci::into(event_.source),
                      soci::into(event_.word))),
      insert_event_((session.prepare << kInsertEvent,
                     soci::use(event_.segment, "segment"),
                     soci::use(instance_no_, "instance_no"),
                     soci::use(event_.log_seq, "log_seq"),
                     soci::use(event_.time, "event_time"),
                     soci::use(event_.stream_seq, "stream_seq"),
                     soci::use(event_.source, "source"),
                     soci::use(event_.word, "word"))),
      delete_intervals_((session.prepare << kDeleteIntervals,
                         soci::use(instance_no_, "instance_no"),
                         soci::use(from_start_, "started_at"))),
      insert_interval_(
          (session.prepare << kInsertInterval,
           soci::use(instance_no_, "instance_no"),
           soci::use(interval_.interval.start.micros, "started_at"),
           soci::use(interval_.ended_at.value, interval_.ended_at.state, "ended_at"),
           soci::use(interval_.interval.provider, "provider"),
           soci::use(interval_.interval.state, "state"),
           soci::use(interval_.interval.opened_by, "opened_by_seq"),
           soci::use(interval_.closed_by.value, interval_.closed_by.state, "closed_by_seq"),
           soci::use(interval_.doubtful, "doubtful"))) {}

TimelineTable::~TimelineTable() = default;

soci::statement TimelineTable::prepare_instance_query(const char* sql) {
    billing::InstanceSummary& summary = row_.instance.summary;
    return (session_.prepare << sql,
            soci::use(key_.service_type, "service_type"),
            soci::use(key_.instance, "instance_id"),
            soci::into(row_.instance.instance_no),
            soci::into(row_.instance.key.service_type),
            soci::into(row_.instance.key.instance),
            soci::into(summary.provider),
            soci::into(summary.status),
            soci::into(summary.since.micros),
            soci::into(summary.events),
            soci::into(summary.last.time.micros),
            soci::into(summary.last.stream_seq),
            soci::into(summary.last.log_seq),
            soci::into(row_.ended_time.value, row_.ended_time.state),
            soci::into(row_.ended_stream_seq.value, row_.ended_stream_seq.state),
            soci::into(row_.ended_log_seq.value, row_.ended_log_seq.state));
}

soci::statement TimelineTable::prepare_interval_query(const char* sql) {
    billing::Interval& interval = interval_.interval;
    return (session_.prepare << sql,
            soci::use(instance_no_, "instance_no"),
            soci::into(interval.start.micros),
            soci::into(interval_.ended_at.value, interval_.ended_at.state),
            soci::into(interval.provider),
            soci::into(interval.state),
            soci::into(interval.opened_by),
            soci::into(interval_.closed_by.value, interval_.closed_by.state),
            soci::into(interval_.doubtful));
}

std::optional<StoredInstance> TimelineTable::fetch_instance(soci::statement& query) {
    if (!fetch_one(query)) {
        return std::nullopt;
    }
    StoredInstance found = row_.instance;
    found.summary.ended.reset();
    if (row_.ended_time.state == soci::i_ok) {
        found.summary.ended = billing::EventOrder{
            Instant{row_.ended_time.value}, row_.ended_stream_seq.value, row_.ended_log_seq.value};
    }
    return found;
}

std::optional<StoredInstance> TimelineTable::find(const billing::InstanceKey& key) {
    key_ = key;
    return fetch_instance(select_instance_);
}

std::optional<StoredInstance> TimelineTable::next(const billing::InstanceKey& after) {
    key_ = after;
    return fetch_instance(select_next_);
}

std::vector<billing::Interval> TimelineTable::fetch_intervals(soci::statement& query) {
    std::vector<billing::Interval> intervals;
    query.execute();
    while (query.fetch()) {
        billing::Interval& interval = intervals.emplace_back(interval_.interval);
        interval.end.reset();
        if (interval_.ended_at.state == soci::i_ok) {
            interval.end = Instant{interval_.ended_at.value};
        }
        interval.closed_by = interval_.closed_by.get();
        interval.doubtful = interval_.doubtful != 0;
    }
    std::reverse(intervals.begin(), intervals.end());
    return intervals;
}

std::vector<billing::Interval> TimelineTable::last_two_intervals(std::int64_t instance_no) {
    instance_no_ = instance_no;
    return fetch_intervals(select_last_two_);
}

std::vector<billing::Interval> TimelineTable::all_intervals(std::int64_t instance_no) {
    instance_no_ = instance_no;
    return fetch_intervals(select_all_);
}

std::vector<RecordedEvent> TimelineTable::events(const StoredInstance& instance) {
    std::vector<RecordedEvent> events;
    instance_no_ = instance.instance_no;
    select_events_.execute();
    while (select_events_.fetch()) {
        events.push_back({instance.key,
                          {Instant{event_.time}, event_.stream_seq, event_.log_seq},
                          event_.source,
                          event_.word});
    }
    return events;
}

void TimelineTable::save(const StoredInstance& instance) {
    row_.instance = instance;
    const auto& ended = instance.summary.ended;
    row_.ended_time.set(ended ? std::optional(ended->time.micros) : std::nullopt);
    row_.ended_stream_seq.set(ended ? std::optional(ended->stream_seq) : std::nullopt);
    row_.ended_log_seq.set(ended ? std::optional(ended->log_seq) : std::nullopt);
    upsert_instance_.execute(/*withDataExchange=*/true);
}

void TimelineTable::insert_event(std::int64_t instance_no, const RecordedEvent& event) {
    instance_no_ = instance_no;
    event_.segment = event.order.log_seq / kSegmentRecords;
    event_.log_seq = event.order.log_seq;
    event_.time = event.order.time.micros;
    event_.stream_seq = event.order.stream_seq;
    event_.source = event.source;
    event_.word = event.word;
    insert_event_.execute(/*withDataExchange=*/true);
}

void TimelineTable::replace_intervals(std::int64_t instance_no,
                                      const std::vector<billing::Interval>& before,
                                      const std::vector<billing::Interval>& after) {
    const auto [kept, from] =
        std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    instance_no_ = instance_no;
    if (kept != before.end()) {
        from_start_ = kept->start.micros;
        delete_intervals_.execute(/*withDataExchange=*/true);
    }
    std::for_each(from, after.end(), [this](const billing::Interval& interval) {
        insert_interval(interval);
    });
}

void TimelineTable::insert_interval(const billing::Interval& interval) {
    interval_.interval = interval;
    interval_.ended_at.set(interval.end ? std::optional(interval.end->micros) : std::nullopt);
    interval_.closed_by.set(interval.closed_by);
    interval_.doubtful = interval.doubtful ? 1 : 0;
    insert_interval_.execute(/*withDataExchange=*/true);
}

}  // namespace dcm::store
