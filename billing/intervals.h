#pragma once

#include "base/instant.h"
#include "rules/lifecycle.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::billing {

// The thing that is billed; its provider is an attribute, not part of its key. Ordered by bytes.
struct InstanceKey {
    std::string service_type;
    std::string instance;

    auto operator<=>(const InstanceKey&) const = default;  // NOLINT(modernize-use-nullptr)
};

// The place of an event in its instance's story: event time, then stream sequence (0 when there is
// none), then the order of recording.
struct EventOrder {
    Instant time;
    std::int64_t stream_seq = 0;
    std::int64_t log_seq = 0;

    auto operator<=>(const EventOrder&) const = default;  // NOLINT(modernize-use-nullptr)
};

// An accepted event as the fold sees it.
struct AcceptedEvent {
    EventOrder order;
    std::string provider;
    std::string status;
};

// A half-open stretch in which an instance is in one state.
struct Interval {
    std::string provider;  // of the event that opened it
    std::string state;
    Instant start;
    std::optional<Instant> end;  // absent while open
    std::int64_t opened_by = 0;  // log seq
    std::optional<std::int64_t> closed_by;
    bool doubtful = false;  // an UNKNOWN hold lies in it

    bool operator==(const Interval&) const = default;
};

// What `instances` shows, and what the fold needs to go on from.
struct InstanceSummary {
    EventOrder last;       // the last event in order, after the end included
    std::string provider;  // of that event
    std::string status;    // of that event
    Instant since;         // beginning of that status's unbroken run
    std::int64_t events = 0;
    std::optional<EventOrder> ended;  // the first `end`

    bool operator==(const InstanceSummary&) const = default;
};

// An instance's story so far: a value that can be stored and resumed.
struct Timeline {
    std::vector<Interval> intervals;
    std::optional<InstanceSummary> summary;  // absent before the first event

    bool operator==(const Timeline&) const = default;
};

// Adds one event that follows everything in the timeline (its order is greater than summary.last).
//
// What it may touch: the last interval (closes it, marks it doubtful, or drops it when it would
// have no length) and, when the last one is dropped or ended at this very instant, the one before
// it (it goes on instead of a new one of its state). An interval that ended is never dropped, and
// the start, provider, state and opener of an interval never change. So a stored timeline resumes
// from its summary and last two intervals: of those two the first is still there afterwards, and
// what is there afterwards replaces the two.
void extend(Timeline& timeline,
            std::string_view service_type,
            const AcceptedEvent& event,
            const rules::Lifecycle& lifecycle);

// The intervals of one instance: a pure function of the *set* of its accepted events. Sorts them,
// then extends an empty timeline event by event.
[[nodiscard]] Timeline derive_intervals(std::vector<AcceptedEvent> events,
                                        std::string_view service_type,
                                        const rules::Lifecycle& lifecycle);

}  // namespace dcm::billing
