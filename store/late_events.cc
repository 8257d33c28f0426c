#include "store/late_events.h"

#include "store/projection.h"
#include "store/row_statement.h"
#include "store/timeline_table.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

// The first term narrows to whole segments, the second to the records within the first of them.
constexpr const char* kSelectProjected =
    "SELECT i.service_type, i.instance_id, e.word, e.event_time FROM instance_event AS e "
    "INNER JOIN instance AS i ON i.instance_no = e.instance_no "
    "WHERE e.segment >= ? AND e.log_seq >= ? AND e.event_time < ?";
// Of messages that were recorded before. The terms are those of a partial index, which the sign
// keeps from being passed over for the records since.
constexpr const char* kSelectRetried =
    "SELECT coalesce(json_extract(q.body, '$.subject'), a.subject),"
    " json_extract(q.body, '$.word'), json_extract(q.body, '$.event_time') "
    "FROM audit_log AS q "
    "INNER JOIN audit_log AS a ON a.seq = CAST(substr(q.subject, 5) AS INTEGER) "
    "WHERE q.kind = 'quarantine.retried' AND q.outcome = 'accepted' AND +q.seq >= ?1"
    " AND a.seq < ?1";

}  // namespace

void visit_late_events(const LogReader& snapshot,
                       std::int64_t since,
                       Instant before,
                       const std::function<void(const LateEvent&)>& visit) {
    soci::session& session = snapshot.database().session();
    LateEvent event;
    RowStatement projected(session, kSelectProjected);
    projected.bind(since / kSegmentRecords).bind(since).bind(before.micros);
    while (projected.fetch()) {
        projected.copy_to(event.key.service_type, 0);
        projected.copy_to(event.key.instance, 1);
        projected.copy_to(event.word, 2);
        event.time = Instant{projected.number(3)};
        visit(event);
    }
    RowStatement retried(session, kSelectRetried);
    retried.bind(since);
    while (retried.fetch()) {
        auto key = key_of_subject(retried.text(0));
        event.time = value_or_throw(parse_rfc3339(retried.text(2)));
        if (key && event.time < before) {
            event.key = *std::move(key);
            retried.copy_to(event.word, 1);
            visit(event);
        }
    }
    visit_accepted_events(
        session,
        {std::max(since, read_projection_state(session).log_size), snapshot.head().size},
        [&](const RecordedEvent& recorded) {
            if (since <= recorded.order.log_seq && recorded.order.time < before) {
                visit({recorded.key, recorded.word, recorded.order.time});
            }
        });
}

}  // namespace dcm::store
