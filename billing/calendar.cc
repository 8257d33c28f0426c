#include "billing/calendar.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {

Calendar::Calendar(Zone zone, CalendarUnit unit) : zone_(std::move(zone)), unit_(unit) {}

const CalendarSpan& Calendar::around(Instant at) {
    if (latest_ < spans_.size() && spans_[latest_].period.contains(at)) {
        return spans_[latest_];
    }
    auto found = std::upper_bound(
        spans_.begin(), spans_.end(), at, [](Instant instant, const CalendarSpan& span) {
            return instant < span.period.end;
        });
    if (found == spans_.end() || !found->period.contains(at)) {
        const CivilDate day = zone_.date_of(at);
        const CalendarSpan span = unit_ == CalendarUnit::day
                                      ? CalendarSpan{zone_.day_around(at), day}
                                      : CalendarSpan{zone_.month_around(at), month_of(day)};
        found = spans_.insert(found, span);
    }
    latest_ = static_cast<std::size_t>(found - spans_.begin());
    return *found;
}

Period common_part(Period left, Period right) {
    const Instant start = std::max(left.start, right.start);
    return {start, std::max(start, std::min(left.end, right.end))};
}

}  // namespace dcm::billing
