#include "store/log_stretch.h"

#include "store/digest_index.h"
#include "store/projection.h"
#include "store/recorded_body.h"
#include "store/row_check.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace dcm::store {
namespace {

constexpr const char* kSelectRetriedBefore =
    "SELECT seq FROM audit_log WHERE kind = 'quarantine.retried' AND outcome = 'accepted' "
    "AND seq < ? ORDER BY seq";
constexpr const char* kSelectMessages =
    "SELECT seq, kind, subject, ce_source, ce_id, broker_pos, outcome, body "
    "FROM audit_log NOT INDEXED WHERE seq >= ? AND seq < ? AND kind IN ('event.received', "
    "'quarantine.retried') ORDER BY seq";
constexpr const char* kSelectSegmentEvents =
    "SELECT instance_no, log_seq, event_time, stream_seq, source, word FROM instance_event "
    "WHERE segment = ? ORDER BY instance_no, log_seq";

constexpr std::string_view kAccepted = "accepted";

}  // namespace

std::vector<RetriedEvent> read_retried_events(soci::session& session, std::int64_t log_size) {
    std::vector<RetriedEvent> retried;
    RowStatement rows(session, kSelectRetriedBefore);
    rows.bind(log_size);
    while (rows.fetch()) {
        const std::int64_t seq = rows.number(0);
        for (RecordedEvent& event : read_accepted_events(session, {seq, seq + 1})) {
            retried.push_back({seq, std::move(event)});
        }
    }
    std::sort(retried.begin(), retried.end(), [](const RetriedEvent& left, const auto& right) {
        return left.event.order.log_seq < right.event.order.log_seq;
    });
    return retried;
}

LogStretch::LogStretch(soci::session& session, SeqRange range, const LogContext& context) {
    read(session, range, context);
    add_retried(range, context);
    add_instances_retried(range, context);
    std::sort(events_.begin(), events_.end(), [](const Event& left, const Event& right) {
        return std::tie(left.instance_no, left.log_seq) <
               std::tie(right.instance_no, right.log_seq);
    });
}

void LogStretch::read(soci::session& session, SeqRange range, const LogContext& context) {
    BodyReader bodies(session);
    RowStatement rows(session, kSelectMessages);
    rows.bind(range.from).bind(range.to);
    while (rows.fetch()) {
        const std::int64_t seq = rows.number(0);
        const bool is_message = rows.text(1) == audit::kEventReceived;
        if (is_message) {
            runs_.add(rows.text(5), seq);
        }
        if (rows.text(6) != kAccepted) {
            continue;
        }
        if (!rows.is_null(3) && !rows.is_null(4)) {
            identities_.push_back({digest_of({rows.text(3), rows.text(4)}), seq});
        }
        if (is_message && seq < context.projected_to) {
            const RecordedBody body = bodies.read(rows.text(7));
            const auto time = parse_rfc3339(body.event_time.value_or(""));
            const bool is_complete = !rows.is_null(3) && body.word && time.ok();
            if (!is_complete) {
                refuse_record(seq);
            }
            Event event;
            event.log_seq = seq;
            event.time = time.value().micros;
            event.stream_seq =
                rows.is_null(5) ? body.stream_seq : sequence_of_position(rows.text(5));
            event.source = sources_.number_of(rows.text(3));
            event.word = words_.number_of(*body.word);
            const auto number = add(event, rows.text(2), context.instances);
            note_instance(rows.text(2), seq, number);
        }
    }
}

void LogStretch::add_retried(SeqRange range, const LogContext& context) {
    const auto is_before = [](const RetriedEvent& retried, std::int64_t seq) {
        return retried.event.order.log_seq < seq;
    };
    auto retried =
        std::lower_bound(context.retried.begin(), context.retried.end(), range.from, is_before);
    for (; retried != context.retried.end() && is_before(*retried, range.to); ++retried) {
        const RecordedEvent& recorded = retried->event;
        Event event;
        event.log_seq = recorded.order.log_seq;
        event.time = recorded.order.time.micros;
        event.stream_seq = recorded.order.stream_seq;
        event.source = sources_.number_of(recorded.source);
        event.word = words_.number_of(recorded.word);
        add(event, recorded.key.service_type + "/" + recorded.key.instance, context.instances);
    }
}

void LogStretch::note_instance(std::string_view subject,
                               std::int64_t seq,
                               std::optional<std::int64_t> number) {
    if (number == seq) {
        const auto key = key_of_subject(subject);
        instances_.push_back({digest_of({key->service_type, key->instance}), seq});
    }
}

// Instances that became known by a verdict recorded here of a message recorded earlier.
void LogStretch::add_instances_retried(SeqRange range, const LogContext& context) {
    for (const auto& [verdict_seq, event] : context.retried) {
        if (verdict_seq < range.from || range.to <= verdict_seq) {
            continue;
        }
        const std::string subject = event.key.service_type + "/" + event.key.instance;
        if (context.instances.find(subject) == event.order.log_seq) {
            instances_.push_back(
                {digest_of({event.key.service_type, event.key.instance}), verdict_seq});
        }
    }
    std::sort(instances_.begin(), instances_.end(), [](const auto& left, const auto& right) {
        return left.seq < right.seq;
    });
}

std::optional<std::int64_t> LogStretch::add(Event event,
                                            std::string_view subject,
                                            const KnownInstances& instances) {
    const auto known = instances.find(subject);
    if (known) {
        event.instance_no = *known;
        events_.push_back(event);
        return known;
    }
    if (!key_of_subject(subject)) {
        refuse_record(event.log_seq);
    }
    if (stranger_.empty()) {
        stranger_ = subject;
    }
    return std::nullopt;
}

std::string told_event(const EventPlace& place) {
    return "instance_event of instance_no " + std::to_string(place.instance_no) + " at seq " +
           std::to_string(place.log_seq);
}

std::string event_difference(soci::session& session,
                             std::int64_t segment,
                             const LogStretch& stretch) {
    RowStatement rows(session, kSelectSegmentEvents);
    rows.bind(segment);
    for (const LogStretch::Event& event : stretch.events()) {
        const bool is_there = rows.fetch();
        const bool is_same = is_there && RowCheck(rows)
                                             .is(event.instance_no)
                                             .is(event.log_seq)
                                             .is(event.time)
                                             .is(event.stream_seq)
                                             .is(stretch.source_of(event))
                                             .is(stretch.word_of(event))
                                             .passed();
        if (!is_same) {
            const EventPlace expected{event.instance_no, event.log_seq};
            return told_event(is_there
                                  ? std::min(expected, EventPlace{rows.number(0), rows.number(1)})
                                  : expected);
        }
    }
    return rows.fetch() ? told_event({rows.number(0), rows.number(1)}) : "";
}

}  // namespace dcm::store
