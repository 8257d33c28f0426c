#include "store/timeline_check.h"

#include "store/projection.h"
#include "store/row_check.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

constexpr const char* kSelectInstances =
    "SELECT instance_no, service_type, instance_id, provider, status, since, events, last_time,"
    " last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq "
    "FROM instance WHERE instance_no >= ? AND instance_no <= ? ORDER BY instance_no";
constexpr const char* kSelectIntervals =
    "SELECT instance_no, started_at, ended_at, provider, state, opened_by_seq, closed_by_seq,"
    " doubtful FROM interval WHERE instance_no >= ? AND instance_no <= ? "
    "ORDER BY instance_no, started_at";
constexpr const char* kSelectAfterEnd = "SELECT instance_no FROM event_after_end WHERE seq = ?";

std::string told_instance(std::int64_t number) {
    return "instance of instance_no " + std::to_string(number);
}

std::string told_instance(const RowStatement& row) {
    return "instance " + std::string(row.text(1)) + "/" + std::string(row.text(2));
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order of the table's key.
std::string told_interval(std::int64_t number, std::int64_t started_at) {
    return "interval of instance_no " + std::to_string(number) + " from " +
           std::to_string(started_at);
}

std::string told_interval(const RowStatement& row) {
    return told_interval(row.number(0), row.number(1));
}

// Columns of kSelectInstances.
bool is_stored(const RowStatement& row,
               std::int64_t number,
               const billing::InstanceSummary& summary) {
    const auto& ended = summary.ended;
    return RowCheck(row)
        .is(number)
        .is(row.text(1))  // the key, by which the number was found
        .is(row.text(2))
        .is(summary.provider)
        .is(summary.status)
        .is(summary.since.micros)
        .is(summary.events)
        .is(summary.last.time.micros)
        .is(summary.last.stream_seq)
        .is(summary.last.log_seq)
        .is(ended ? std::optional(ended->time.micros) : std::nullopt)
        .is(ended ? std::optional(ended->stream_seq) : std::nullopt)
        .is(ended ? std::optional(ended->log_seq) : std::nullopt)
        .passed();
}

// Columns of kSelectIntervals.
bool is_stored(const RowStatement& row, std::int64_t number, const billing::Interval& interval) {
    return RowCheck(row)
        .is(number)
        .is(interval.start.micros)
        .is(interval.end ? std::optional(interval.end->micros) : std::nullopt)
        .is(interval.provider)
        .is(interval.state)
        .is(interval.opened_by)
        .is(interval.closed_by)
        .is(std::int64_t{interval.doubtful ? 1 : 0})
        .passed();
}

}  // namespace

TimelineCheck::TimelineCheck(soci::session& session,
                             const rules::Lifecycle& lifecycle,
                             const std::vector<RetriedEvent>& retried,
                             std::int64_t segments)
    : lifecycle_(lifecycle),
      events_(session, segments),
      select_instances_(session, kSelectInstances),
      select_intervals_(session, kSelectIntervals),
      select_after_end_(session, kSelectAfterEnd) {
    for (const RetriedEvent& event : retried) {
        verdict_of_.emplace(event.event.order.log_seq, event.verdict_seq);
    }
}

void TimelineCheck::check(SeqRange instances, FirstDifference& difference) {
    select_instances_.bind(instances.from).bind(instances.last());
    select_intervals_.bind(instances.from).bind(instances.last());
    has_interval_ = select_intervals_.fetch();
    events_.begin(instances);
    const auto tell = [&difference](std::int64_t number, std::string what) {
        if (!what.empty()) {
            difference.tell(number, std::move(what));
        }
    };
    while (select_instances_.fetch()) {
        const std::int64_t number = select_instances_.number(0);
        tell(number, events_without_instance(number));
        tell(number, instance_difference(number));
    }
    tell(instances.to, events_without_instance(std::nullopt));
    tell(instances.to, intervals_before(std::nullopt));
}

// Passes over the events of instances before this one, or over all that are left.
std::string TimelineCheck::events_without_instance(std::optional<std::int64_t> number) {
    std::string found;
    while (events_.next_instance() && (!number || *events_.next_instance() < *number)) {
        found = found.empty() ? told_instance(*events_.next_instance()) : found;
        events_.visit([](const StoredEvent& /*event*/) {});
    }
    return found;
}

// Passes over intervals of instances before this one, or over all that are left.
std::string TimelineCheck::intervals_before(std::optional<std::int64_t> number) {
    std::string found;
    while (has_interval_ && (!number || select_intervals_.number(0) < *number)) {
        found = found.empty() ? told_interval(select_intervals_) : found;
        has_interval_ = select_intervals_.fetch();
    }
    return found;
}

std::string TimelineCheck::instance_difference(std::int64_t number) {
    const RowStatement& row = select_instances_;
    if (events_.next_instance() != number) {
        return told_instance(row);
    }
    const Fold folded = fold(std::string(row.text(1)));
    const bool is_same =
        folded.first_recorded == number && is_stored(row, number, *folded.timeline.summary);
    const std::string in_intervals = interval_difference(number, folded.timeline);
    const std::string after_end = after_end_difference(number, folded);
    if (!is_same) {
        return told_instance(row);
    }
    return in_intervals.empty() ? after_end : in_intervals;
}

TimelineCheck::Fold TimelineCheck::fold(const std::string& service_type) {
    std::vector<billing::AcceptedEvent> accepted;
    std::optional<std::int64_t> first_verdict;
    Fold folded;
    events_.visit([&](const StoredEvent& event) {
        accepted.push_back({{Instant{event.time}, event.stream_seq, event.log_seq},
                            std::string(lifecycle_.provider_of(event.source)),
                            std::string(recorded_status(lifecycle_, service_type, event.word))});
        folded.orders.push_back(accepted.back().order);
        const auto retried = verdict_of_.find(event.log_seq);
        const std::int64_t verdict = retried == verdict_of_.end() ? event.log_seq : retried->second;
        if (!first_verdict || verdict < *first_verdict) {
            first_verdict = verdict;
            folded.first_recorded = event.log_seq;
        }
    });
    folded.timeline = billing::derive_intervals(std::move(accepted), service_type, lifecycle_);
    return folded;
}

// The first event after the end that is not known as one.
std::string TimelineCheck::after_end_difference(std::int64_t number, const Fold& folded) {
    std::string found;
    for (const billing::EventOrder& order : folded.orders) {
        if (!is_after_end(order, *folded.timeline.summary)) {
            continue;
        }
        ++events_after_end_;
        bool is_there = false;
        select_after_end_.bind(order.log_seq);
        while (select_after_end_.fetch()) {
            is_there = RowCheck(select_after_end_).is(number).passed();
        }
        if (!is_there && found.empty()) {
            found = "event_after_end " + std::to_string(order.log_seq);
        }
    }
    return found;
}

std::string TimelineCheck::interval_difference(std::int64_t number,
                                               const billing::Timeline& timeline) {
    if (std::string found = intervals_before(number); !found.empty()) {
        return found;
    }
    for (const billing::Interval& interval : timeline.intervals) {
        if (!has_interval_ || !is_stored(select_intervals_, number, interval)) {
            static_cast<void>(intervals_before(number + 1));
            return told_interval(number, interval.start.micros);
        }
        has_interval_ = select_intervals_.fetch();
    }
    return intervals_before(number + 1);
}

}  // namespace dcm::store
