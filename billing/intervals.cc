#include "billing/intervals.h"

#include <algorithm>

namespace dcm::billing {
namespace {

Interval* open_interval(Timeline& timeline) {
    if (timeline.intervals.empty() || timeline.intervals.back().end.has_value()) {
        return nullptr;
    }
    return &timeline.intervals.back();
}

void close_at(Timeline& timeline, const EventOrder& at) {
    Interval* const open = open_interval(timeline);
    if (open == nullptr) {
        return;
    }
    if (open->start == at.time) {
        timeline.intervals.pop_back();
        return;
    }
    open->end = at.time;
    open->closed_by = at.log_seq;
}

void charge_from(Timeline& timeline, const AcceptedEvent& event, std::string state) {
    const Interval* const open = open_interval(timeline);
    if (open != nullptr && open->state == state) {
        return;
    }
    close_at(timeline, event.order);
    // What was between two intervals of one state had no length: they are one, and the first opener
    // keeps it. The interval before is never of zero length, so nothing earlier can be touched.
    if (!timeline.intervals.empty()) {
        Interval& before = timeline.intervals.back();
        if (before.state == state && before.end == event.order.time) {
            before.end.reset();
            before.closed_by.reset();
            return;
        }
    }
    timeline.intervals.push_back({.provider = event.provider,
                                  .state = std::move(state),
                                  .start = event.order.time,
                                  .end = std::nullopt,
                                  .opened_by = event.order.log_seq,
                                  .closed_by = std::nullopt,
                                  .doubtful = false});
}

void hold(Timeline& timeline, const AcceptedEvent& event) {
    Interval* const open = open_interval(timeline);
    if (open != nullptr && event.status == rules::kUnknownStatus) {
        open->doubtful = true;
    }
}

void count(InstanceSummary& summary, const AcceptedEvent& event) {
    if (summary.events == 0 || summary.status != event.status) {
        summary.since = event.order.time;
        summary.status = event.status;
    }
    summary.last = event.order;
    summary.provider = event.provider;
    ++summary.events;
}

}  // namespace

void extend(Timeline& timeline,
            std::string_view service_type,
            const AcceptedEvent& event,
            const rules::Lifecycle& lifecycle) {
    if (!timeline.summary.has_value()) {
        timeline.summary.emplace();
    }
    InstanceSummary& summary = *timeline.summary;
    DCM_CHECK(summary.events == 0 || summary.last < event.order);
    count(summary, event);
    if (summary.ended.has_value()) {
        return;
    }
    rules::Policy policy = lifecycle.policy_of(service_type, event.provider, event.status);
    switch (policy.kind) {
        case rules::PolicyKind::charge:
            charge_from(timeline, event, std::move(policy.state));
            return;
        case rules::PolicyKind::hold:
            hold(timeline, event);
            return;
        case rules::PolicyKind::none:
            close_at(timeline, event.order);
            return;
        case rules::PolicyKind::end:
            close_at(timeline, event.order);
            summary.ended = event.order;
            return;
    }
}

Timeline derive_intervals(std::vector<AcceptedEvent> events,
                          std::string_view service_type,
                          const rules::Lifecycle& lifecycle) {
    std::sort(
        events.begin(), events.end(), [](const AcceptedEvent& left, const AcceptedEvent& right) {
            return left.order < right.order;
        });
    Timeline timeline;
    for (const AcceptedEvent& event : events) {
        extend(timeline, service_type, event, lifecycle);
    }
    return timeline;
}

}  // namespace dcm::billing
