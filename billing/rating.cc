#include "billing/rating.h"

#include "base/check.h"
#include "billing/calendar.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {
namespace {

// Event times lie in the years 0 to 9999; asking the calendar further out would mean nothing.
constexpr Period kAllTime{Instant{-62'167'305'600LL * kMicrosPerSecond},
                          Instant{253'402'387'200LL * kMicrosPerSecond}};

Period whole_months(Period shown, Calendar& months) {
    if (is_empty(shown)) {
        return shown;
    }
    const Instant start = months.around(shown.start).period.start;
    return {start, months.around(shown.end + Duration{-1}).period.end};
}

}  // namespace

Rater::Rater(const rules::RuleBook& book, const RatingBounds& bounds, LineVisitors visitors)
    : book_(book),
      visitors_(std::move(visitors)),
      as_of_(bounds.as_of),
      shown_(common_part(bounds.shown, kAllTime)),
      months_(book.zone, CalendarUnit::month),
      cutter_(book.zone, shown_, bounds.by_day),
      chooser_(book),
      ordered_(book) {
    rated_ = whole_months(shown_, months_);
    unit_prices_.reserve(book.rates.size());
    for (const rules::Rate& rate : book.rates) {
        unit_prices_.push_back(PriceModel(rate).unit_price());
    }
}

void Rater::add(const InstanceKey& key, std::span<const Interval> intervals) {
    if (intervals.empty()) {
        return;
    }
    const Period during = common_part({intervals.front().start, as_of_}, rated_);
    if (is_empty(during)) {
        return;
    }
    chooser_.begin_instance(key, during);
    for (const Interval& interval : intervals) {
        rate_interval(key, interval);
    }
}

void Rater::finish() {
    ordered_.finish(cutter_, visitors_.rated);
}

void Rater::rate_interval(const InstanceKey& key, const Interval& interval) {
    const Instant end = std::min(interval.end.value_or(as_of_), as_of_);
    const Period during = common_part({interval.start, end}, rated_);
    if (is_empty(during)) {
        return;
    }
    const RateChoice& choice = chooser_.choose(interval, during);
    for (const RatedStretch& stretch : choice.rated) {
        rate_stretch(key, interval, stretch);
    }
    for (const UnratedStretch& stretch : choice.unrated) {
        const Period part = common_part(stretch.during, shown_);
        if (!is_empty(part)) {
            visitors_.unrated({.service_type = key.service_type,
                               .instance = key.instance,
                               .provider = interval.provider,
                               .state = interval.state,
                               .tenant = stretch.tenant,
                               .during = part});
        }
    }
}

void Rater::rate_stretch(const InstanceKey& key,
                         const Interval& interval,
                         const RatedStretch& stretch) {
    const std::optional<Decimal>& unit_price = unit_prices_[stretch.rate];
    RatedLine line{.service_type = key.service_type,
                   .instance = key.instance,
                   .provider = interval.provider,
                   .state = interval.state,
                   .tenant = stretch.tenant,
                   .rate = stretch.rate,
                   .charge = {},
                   .interval_start = interval.start,
                   .opened_by = interval.opened_by,
                   .billed = {},
                   .quantity = {},
                   .unit_price = unit_price.has_value() ? &*unit_price : nullptr,
                   .cost_in_order = {},
                   .place = nullptr};
    Instant at = stretch.during.start;
    while (at < stretch.during.end) {
        const Period month = months_.around(at).period;
        line.charge = {at, std::min(stretch.during.end, month.end)};
        at = line.charge.end;
        if (unit_price.has_value()) {
            visit_shown(line, month);
        } else {
            ordered_.add(line, month);
        }
    }
}

void Rater::visit_shown(const RatedLine& whole, Period month) {
    const Period charge = common_part(whole.charge, shown_);
    if (is_empty(charge)) {
        return;
    }
    RatedLine line = whole;
    Instant at = charge.start;
    for (const Instant end : cutter_.ends_of_parts(charge)) {
        line.charge = {at, end};
        const BilledPiece billed =
            bill_piece(book_.rates[line.rate], {line.interval_start, line.charge, month});
        line.billed = billed.billed;
        line.quantity = billed.quantity;
        visitors_.rated(line);
        at = end;
    }
}

}  // namespace dcm::billing
