#include "billing/rated_line.h"

#include <algorithm>

namespace dcm::billing {

Decimal RatedLine::cost() const {
    return unit_price != nullptr ? to_decimal(quantity) * *unit_price : cost_in_order;
}

LineCutter::LineCutter(const Zone& zone, Period shown, bool by_day)
    : days_(zone, CalendarUnit::day), shown_(shown), by_day_(by_day) {}

const std::vector<Instant>& LineCutter::ends_of_parts(Period piece) {
    ends_.clear();
    Instant at = piece.start;
    while (at < piece.end) {
        Instant end = piece.end;
        if (at < shown_.start) {
            end = std::min(end, shown_.start);
        } else if (at < shown_.end) {
            end = std::min(end, shown_.end);
        }
        if (by_day_ && shown_.contains(at)) {
            end = std::min(end, days_.around(at).period.end);
        }
        ends_.push_back(end);
        at = end;
    }
    return ends_;
}

}  // namespace dcm::billing
