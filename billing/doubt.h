#pragma once

#include "billing/intervals.h"
#include "rules/lifecycle.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::billing {

// Why seconds, and the money for them, may be other than they should be (docs/explaining.md).
enum class DoubtCause {
    missing_rate,    // no rate matches
    unknown_status,  // a status nobody understands was reported
    time_clamped,    // an interval begins or ends at a clamped time
    unknown_hold,    // the provider says that it does not know
    silent_source,   // a source that repeats its state has fallen silent
};
inline constexpr std::array kDoubtCauses{DoubtCause::missing_rate,
                                         DoubtCause::unknown_status,
                                         DoubtCause::time_clamped,
                                         DoubtCause::unknown_hold,
                                         DoubtCause::silent_source};
[[nodiscard]] std::string_view doubt_cause_name(DoubtCause cause);

// A stretch of an instance's life that rests on something doubtful. Stretches of one cause do not
// overlap.
struct DoubtfulStretch {
    DoubtCause cause = DoubtCause::unknown_status;
    Period during;
    std::string provider;
    std::string state;  // of the interval it lies in; empty where nothing is charged

    bool operator==(const DoubtfulStretch&) const = default;
};

// A message with a status that is no word of the service type.
struct UnknownStatus {
    EventOrder order;
    std::string provider;
};

// What is known about one instance beside its timeline.
struct DoubtEvidence {
    std::vector<AcceptedEvent> events;   // in order
    std::vector<UnknownStatus> unknown;  // in order
    // Whether the time of the event at this log seq was clamped.
    std::function<bool(std::int64_t)> is_clamped;
    // Since when nothing came, when that is too long at `as_of`.
    std::optional<Instant> silent_since;
};

// The doubtful stretches of an instance before `as_of`, by cause and time; missing_rate is not
// among them.
//
// unknown_status is read as UNKNOWN would be, a hold: what was before goes on, doubtful, until the
// next event that is understood. Where nothing is charged, the stretch has no state: so too after
// an event that was accepted under another book, whose status is no word of this one.
[[nodiscard]] std::vector<DoubtfulStretch> doubtful_stretches(const InstanceKey& key,
                                                              const Timeline& timeline,
                                                              const DoubtEvidence& evidence,
                                                              const rules::Lifecycle& lifecycle,
                                                              Instant as_of);

// All of them without regard to their cause: what overlaps counts once.
[[nodiscard]] std::vector<DoubtfulStretch> without_cause(std::vector<DoubtfulStretch> stretches);

}  // namespace dcm::billing
