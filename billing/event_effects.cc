#include "billing/event.h"
#include "billing/explanation.h"

#include <algorithm>
#include <span>

namespace dcm::billing {
namespace {

// Which intervals of a timeline an event opens and closes.
struct Turn {
    const Interval* opened = nullptr;
    const Interval* closed = nullptr;
};

// The last interval that begins at or before an instant, and the one before it: all that an event
// of that time can have opened or closed.
std::span<const Interval> intervals_around(const Timeline& timeline, Instant at) {
    const std::vector<Interval>& all = timeline.intervals;
    const auto after =
        std::upper_bound(all.begin(), all.end(), at, [](Instant time, const Interval& interval) {
            return time < interval.start;
        });
    const auto count = std::min<std::ptrdiff_t>(2, after - all.begin());
    return {after - count, after};
}

Turn turn_of(std::span<const Interval> intervals, std::int64_t seq) {
    Turn turn;
    for (const Interval& interval : intervals) {
        turn.opened = interval.opened_by == seq ? &interval : turn.opened;
        turn.closed = interval.closed_by == seq ? &interval : turn.closed;
    }
    return turn;
}

EventOrder order_of(const ToldEvent& event) {
    return {event.time, event.stream_seq, event.seq};
}

std::string held_effect(const ToldEvent& event, bool is_in_interval) {
    if (!is_in_interval) {
        return "in transit: not charged yet";
    }
    return event.status == rules::kUnknownStatus ? "unknown: goes on, doubtful"
                                                 : "in transit: goes on";
}

std::string uncharged_effect(const ToldEvent& event,
                             const InstanceKey& key,
                             const rules::Lifecycle& lifecycle) {
    if (!lifecycle.services.contains(key.service_type)) {
        return "charges nothing: no lifecycle has this service type";
    }
    return lifecycle.status_of(key.service_type, event.status)
               ? "charges nothing"
               : "charges nothing: this rule book does not know the status";
}

std::string effect_of(const ToldEvent& event,
                      const InstanceKey& key,
                      const Timeline& timeline,
                      const rules::Lifecycle& lifecycle) {
    const std::span<const Interval> around = intervals_around(timeline, event.time);
    const Turn turn = turn_of(around, event.seq);
    if (turn.opened != nullptr && turn.closed != nullptr) {
        return "closes " + turn.closed->state + ", opens " + turn.opened->state;
    }
    if (turn.opened != nullptr) {
        return "opens " + turn.opened->state;
    }
    if (turn.closed != nullptr) {
        return "closes " + turn.closed->state;
    }
    const auto& ended = timeline.summary->ended;
    if (ended && *ended < order_of(event)) {
        return "after the end: charges nothing";
    }
    const Interval* const interval =
        around.empty() || (around.back().end && *around.back().end <= event.time) ? nullptr
                                                                                  : &around.back();
    const rules::Policy policy =
        lifecycle.policy_of(key.service_type, lifecycle.provider_of(event.source), event.status);
    switch (policy.kind) {
        case rules::PolicyKind::charge:
            return interval != nullptr && interval->state == policy.state ? "the same again"
                                                                          : "lasts no time";
        case rules::PolicyKind::hold:
            return held_effect(event, interval != nullptr);
        case rules::PolicyKind::none:
        case rules::PolicyKind::end:
            break;
    }
    return uncharged_effect(event, key, lifecycle);
}

}  // namespace

void tell_effects(std::vector<ToldEvent>& events,
                  const InstanceKey& key,
                  const Timeline& timeline,
                  const rules::Lifecycle& lifecycle) {
    std::sort(events.begin(), events.end(), [](const ToldEvent& left, const ToldEvent& right) {
        return order_of(left) < order_of(right);
    });
    for (ToldEvent& event : events) {
        if (event.verdict == verdict_name(Verdict::accepted)) {
            event.effect = effect_of(event, key, timeline, lifecycle);
            const auto& ended = timeline.summary->ended;
            if (ended && *ended < order_of(event)) {
                event.flags.insert(event.flags.begin(), "after_end");
            }
        } else if (event.verdict == verdict_name(Verdict::duplicate)) {
            event.effect = "counts once";
        } else {
            event.effect = event.reason;
        }
    }
}

}  // namespace dcm::billing
