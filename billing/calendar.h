#pragma once

#include "base/zone.h"

#include <cstddef>
#include <vector>

namespace dcm::billing {

enum class CalendarUnit { day, month };

// A day or a month of a zone, with its date (a month's is its first day).
struct CalendarSpan {
    Period period;
    CivilDate date;
};

// Days or months of a zone, each asked of the zone once: rating asks for the same few over and
// over.
class Calendar {
public:
    Calendar(Zone zone, CalendarUnit unit);

    // The span that contains `at`; good until the next call.
    [[nodiscard]] const CalendarSpan& around(Instant at);

private:
    Zone zone_;
    CalendarUnit unit_;
    std::vector<CalendarSpan> spans_;  // sorted, disjoint
    std::size_t latest_ = 0;           // where the last answer was
};

// Whether nothing lies in it.
[[nodiscard]] constexpr bool is_empty(Period period) {
    return period.end <= period.start;
}

// The part of both; empty (start == end) when there is none.
[[nodiscard]] Period common_part(Period left, Period right);

}  // namespace dcm::billing
