#include "store/projection.h"

#include "audit/hash.h"
#include "audit/record.h"
#include "base/shown.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace dcm::store {
namespace {

constexpr const char* kSelectState =
    "SELECT log_size, lifecycle_digest FROM projection WHERE id = 1";
constexpr const char* kUpdateState =
    "UPDATE projection SET log_size = :log_size, lifecycle_digest = :lifecycle_digest WHERE id = 1";
// Of a retried verdict, subject and broker_pos are those of the message's own record, unless more
// of the message is understood now.
// Not by an index: what is in one is not yet known to be true.
constexpr const char* kSelectAccepted =
    "SELECT a.seq, coalesce(n.seq, a.seq),"
    " coalesce(CASE WHEN n.seq IS NOT NULL THEN json_extract(a.body, '$.subject') END,"
    " n.subject, a.subject),"
    " coalesce(n.broker_pos, a.broker_pos), a.ce_source, json_extract(a.body, '$.event_time'),"
    " json_extract(a.body, '$.word'), coalesce(json_extract(a.body, '$.stream_seq'), 0) "
    "FROM audit_log AS a NOT INDEXED LEFT JOIN audit_log AS n NOT INDEXED "
    "ON a.kind = 'quarantine.retried' AND n.seq = CAST(substr(a.subject, 5) AS INTEGER) "
    "WHERE a.seq >= :from AND a.seq < :to AND a.outcome = 'accepted' "
    "AND a.kind IN ('event.received', 'quarantine.retried') ORDER BY a.seq";

struct AcceptedRow {
    std::int64_t verdict_seq = 0;
    std::int64_t seq = 0;
    std::string subject;
    Nullable<std::string> broker_pos;
    Nullable<std::string> source;
    Nullable<std::string> event_time;
    Nullable<std::string> word;
    std::int64_t stream_seq = 0;
};

constexpr std::size_t kOddFactor = 31;

struct KeyHash {
    std::size_t operator()(const billing::InstanceKey& key) const {
        return std::hash<std::string>{}(key.instance) * kOddFactor +
               std::hash<std::string>{}(key.service_type);
    }
};

RecordedEvent event_of(const AcceptedRow& row) {
    auto key = key_of_subject(row.subject);
    const auto time = parse_rfc3339(row.event_time.value);
    const bool is_complete = key && row.source.state == soci::i_ok &&
                             row.word.state == soci::i_ok && row.event_time.state == soci::i_ok &&
                             time.ok();
    if (!is_complete) {
        refuse_record(row.seq);
    }
    const std::int64_t stream_seq = row.broker_pos.state == soci::i_ok
                                        ? sequence_of_position(row.broker_pos.value)
                                        : row.stream_seq;
    return {std::move(*key),
            {time.value(), stream_seq, row.seq},
            row.source.value,
            row.word.value,
            row.verdict_seq};
}

[[noreturn]] void refuse_projection(const std::string& found) {
    throw Failure(ErrorKind::malformed,
                  "projection: expected it to follow the log as far as it says, got " + found +
                      "; run `dcm-billing rebuild`");
}

}  // namespace

ProjectionState read_projection_state(soci::session& session) {
    ProjectionState state;
    session << kSelectState, soci::into(state.log_size), soci::into(state.lifecycle_digest);
    return state;
}

std::string digest_of(const rules::Lifecycle& lifecycle) {
    return audit::to_hex(audit::sha256(lifecycle.canonical_text()));
}

std::vector<billing::AcceptedEvent> join_events(const std::vector<RecordedEvent>& stored,
                                                const std::vector<RecordedEvent>& added,
                                                const rules::Lifecycle& lifecycle) {
    std::vector<billing::AcceptedEvent> events;
    events.reserve(stored.size() + added.size());
    for (const std::vector<RecordedEvent>* const part : {&stored, &added}) {
        for (const RecordedEvent& event : *part) {
            events.push_back(accepted_event(event, lifecycle));
        }
    }
    std::sort(events.begin(), events.end(), [](const auto& left, const auto& right) {
        return left.order < right.order;
    });
    const auto twice =
        std::adjacent_find(events.begin(), events.end(), [](const auto& left, const auto& right) {
            return left.order == right.order;
        });
    if (twice != events.end()) {
        refuse_projection("the event of record " + std::to_string(twice->order.log_seq) +
                          " in it already");
    }
    return events;
}

billing::Timeline derive_timeline(const billing::InstanceKey& key,
                                  std::vector<billing::AcceptedEvent> events,
                                  const rules::Lifecycle& lifecycle) {
    if (events.empty()) {
        refuse_projection("no event of the instance " +
                          shown(key.service_type + '/' + key.instance));
    }
    return billing::derive_intervals(std::move(events), key.service_type, lifecycle);
}

void require_within(const ProjectionState& state, std::int64_t log_size) {
    if (state.log_size < 0 || state.log_size > log_size) {
        refuse_projection(std::to_string(state.log_size) + " records of " +
                          std::to_string(log_size));
    }
}

void refuse_record(std::int64_t seq) {
    throw Failure(ErrorKind::malformed,
                  "audit log: record " + std::to_string(seq) +
                      " is accepted, but tells no event; run "
                      "`dcm-billing audit verify`");
}

void visit_accepted_events(soci::session& session,
                           SeqRange range,
                           const std::function<void(RecordedEvent&&)>& visit) {
    AcceptedRow row;
    soci::statement statement = (session.prepare << kSelectAccepted,
                                 soci::use(range.from, "from"),
                                 soci::use(range.to, "to"),
                                 soci::into(row.verdict_seq),
                                 soci::into(row.seq),
                                 soci::into(row.subject),
                                 soci::into(row.broker_pos.value, row.broker_pos.state),
                                 soci::into(row.source.value, row.source.state),
                                 soci::into(row.event_time.value, row.event_time.state),
                                 soci::into(row.word.value, row.word.state),
                                 soci::into(row.stream_seq));
    statement.execute();
    while (statement.fetch()) {
        visit(event_of(row));
    }
}

std::vector<RecordedEvent> read_accepted_events(soci::session& session, SeqRange range) {
    std::vector<RecordedEvent> events;
    visit_accepted_events(
        session, range, [&events](RecordedEvent&& event) { events.push_back(std::move(event)); });
    return events;
}

bool is_after_end(const billing::EventOrder& order, const billing::InstanceSummary& summary) {
    return summary.ended && *summary.ended < order;
}

Projection::Projection(soci::session& session,
                       const rules::Lifecycle& lifecycle,
                       InstanceIndex& instances)
    : session_(session),
      lifecycle_(lifecycle),
      lifecycle_digest_(digest_of(lifecycle)),
      instances_(instances),
      table_(session) {}

Projection::~Projection() = default;

void Projection::adopt_lifecycle() {
    const ProjectionState state = read_projection_state(session_);
    if (state.lifecycle_digest == lifecycle_digest_) {
        return;
    }
    auto instance = table_.next(std::numeric_limits<std::int64_t>::min());
    while (instance) {
        derive_again(*instance, {});
        instance = table_.next(instance->instance_no);
    }
    write_state(state.log_size);
}

void Projection::take_in(std::vector<RecordedEvent> events, std::int64_t to) {
    auto groups = group_by_instance(std::move(events));
    for (Group& group : groups) {
        const bool in_order =
            !group.is_stored || group.instance.summary.last < group.events.front().order;
        if (in_order) {
            extend_in_order(group);
        } else {
            derive_again(group.instance, group.events);
        }
    }
    write_events(groups);
    write_state(to);
    instances_.follow(to);
}

// In the order of instance_no, which is that of the tables' pages; each group's events in order.
std::vector<Projection::Group> Projection::group_by_instance(std::vector<RecordedEvent> events) {
    std::vector<Group> groups;
    std::unordered_map<billing::InstanceKey, std::size_t, KeyHash> index_of;
    for (RecordedEvent& event : events) {
        const auto [place, is_new] = index_of.try_emplace(event.key, groups.size());
        if (is_new) {
            groups.push_back(group_of(event));
        }
        groups[place->second].events.push_back(std::move(event));
    }
    std::sort(groups.begin(), groups.end(), [](const Group& left, const Group& right) {
        return left.instance.instance_no < right.instance.instance_no;
    });
    for (Group& group : groups) {
        std::sort(group.events.begin(),
                  group.events.end(),
                  [](const RecordedEvent& left, const RecordedEvent& right) {
                      return left.order < right.order;
                  });
    }
    return groups;
}

// Without its events. The event recorded first names a new instance, whatever step it falls into.
Projection::Group Projection::group_of(const RecordedEvent& first) {
    if (auto stored = instances_.find(first.key)) {
        return {std::move(*stored), /*is_stored=*/true, {}};
    }
    instances_.add(first.key, first.verdict_seq);
    return {{first.order.log_seq, first.key, {}}, /*is_stored=*/false, {}};
}

void Projection::extend_in_order(Group& group) {
    billing::Timeline timeline;
    std::vector<billing::Interval> before;
    if (group.is_stored) {
        before = table_.last_two_intervals(group.instance.instance_no);
        timeline = {before, group.instance.summary};
    }
    for (const RecordedEvent& event : group.events) {
        billing::extend(
            timeline, event.key.service_type, accepted_event(event, lifecycle_), lifecycle_);
        if (is_after_end(event.order, *timeline.summary)) {
            table_.set_after_end(
                group.instance.instance_no, event.order.log_seq, /*is_after=*/true);
        }
    }
    save(group.instance, before, timeline);
}

void Projection::derive_again(StoredInstance& instance, const std::vector<RecordedEvent>& added) {
    const auto events = join_events(table_.events(instance), added, lifecycle_);
    const auto timeline = derive_timeline(instance.key, events, lifecycle_);
    save(instance, table_.all_intervals(instance.instance_no), timeline);
    for (const billing::AcceptedEvent& event : events) {
        table_.set_after_end(instance.instance_no,
                             event.order.log_seq,
                             is_after_end(event.order, *timeline.summary));
    }
}

void Projection::save(StoredInstance& instance,
                      const std::vector<billing::Interval>& before,
                      const billing::Timeline& timeline) {
    DCM_CHECK(timeline.summary.has_value());
    table_.replace_intervals(instance.instance_no, before, timeline.intervals);
    instance.summary = *timeline.summary;
    table_.save(instance);
}

// In the order of the table's key, so that each page is filled once.
void Projection::write_events(const std::vector<Group>& groups) {
    struct Place {
        std::int64_t segment = 0;
        std::int64_t instance_no = 0;
        std::int64_t log_seq = 0;
        const RecordedEvent* event = nullptr;
    };
    std::vector<Place> places;
    for (const Group& group : groups) {
        for (const RecordedEvent& event : group.events) {
            places.push_back({event.order.log_seq / kSegmentRecords,
                              group.instance.instance_no,
                              event.order.log_seq,
                              &event});
        }
    }
    std::sort(places.begin(), places.end(), [](const Place& left, const Place& right) {
        return std::tie(left.segment, left.instance_no, left.log_seq) <
               std::tie(right.segment, right.instance_no, right.log_seq);
    });
    for (const Place& place : places) {
        table_.insert_event(place.instance_no, *place.event);
    }
}

void Projection::write_state(std::int64_t log_size) {
    session_ << kUpdateState, soci::use(log_size, "log_size"),
        soci::use(lifecycle_digest_, "lifecycle_digest");
}

}  // namespace dcm::store
