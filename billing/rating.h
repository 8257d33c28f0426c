#pragma once

#include "billing/calendar.h"
#include "billing/ordered_pricing.h"
#include "billing/price_model.h"
#include "billing/rate_choice.h"
#include "billing/rated_line.h"
#include "rules/rulebook.h"

#include <optional>
#include <span>
#include <vector>

namespace dcm::billing {

// What is rated and shown.
struct RatingBounds {
    Period shown;         // what lies outside makes no line, but counts towards allowance and tiers
    Instant as_of;        // every interval is cut here
    bool by_day = false;  // lines are cut at days too
};

// Rates instances one after another (domain.md section 4). Lines of rates whose cost is quantity ×
// unit price are visited at once; those that share an allowance, tiers or spend limits wait for
// finish(), because they are priced in the order of their start. The book outlives this.
class Rater {
public:
    Rater(const rules::RuleBook& book, const RatingBounds& bounds, LineVisitors visitors);

    // Instances come in any order, each once, with their intervals in order.
    void add(const InstanceKey& key, std::span<const Interval> intervals);

    // Visits the lines that waited. Nothing is added afterwards.
    void finish();

private:
    void rate_interval(const InstanceKey& key, const Interval& interval);
    void rate_stretch(const InstanceKey& key,
                      const Interval& interval,
                      const RatedStretch& stretch);
    void visit_shown(const RatedLine& whole, Period month);

    const rules::RuleBook& book_;
    LineVisitors visitors_;
    Instant as_of_;
    Period shown_;
    Period rated_;  // the months that touch what is shown
    Calendar months_;
    LineCutter cutter_;
    RateChooser chooser_;
    OrderedPricing ordered_;
    std::vector<std::optional<Decimal>> unit_prices_;  // by rate
};

}  // namespace dcm::billing
