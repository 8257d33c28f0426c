#pragma once

#include "billing/calendar.h"
#include "billing/quantity.h"
#include "rules/rulebook.h"

#include <functional>
#include <string_view>
#include <vector>

namespace dcm::billing {

// Where the running sum of a (tenant, rate, period) stood before a line, and what the line was
// charged on top to reach a minimum spend.
struct LinePlace {
    Quantity quantity_before;
    Decimal cost_before;
    Decimal added;
};

// One rate applied to one piece of one interval, with its arithmetic. The views live as long as the
// visit.
struct RatedLine {
    std::string_view service_type;
    std::string_view instance;
    std::string_view provider;
    std::string_view state;
    std::string_view tenant;
    std::size_t rate = 0;  // index into the book
    Period charge;         // the piece
    Instant interval_start;
    std::int64_t opened_by = 0;  // log seq of the event that opened the interval
    Duration billed;
    Quantity quantity;
    // Cost is quantity × this; absent where allowance, tiers or spend limits decide.
    const Decimal* unit_price = nullptr;
    Decimal cost_in_order;             // the cost, where there is no unit price
    const LinePlace* place = nullptr;  // in the order, where there is no unit price

    [[nodiscard]] Duration usage() const { return charge.end - charge.start; }
    [[nodiscard]] Decimal cost() const;
};

// A piece that no meter charges.
struct UnratedPiece {
    std::string_view service_type;
    std::string_view instance;
    std::string_view provider;
    std::string_view state;
    std::string_view tenant;
    Period during;
};

using LineVisitor = std::function<void(const RatedLine&)>;

struct LineVisitors {
    LineVisitor rated;
    std::function<void(const UnratedPiece&)> unrated;
};

// Cuts the pieces of a month at the bounds of what is shown and, when asked to, at days.
class LineCutter {
public:
    LineCutter(const Zone& zone, Period shown, bool by_day);

    // The ends of the parts of `piece` that are cut apart, its own end last; good until the next
    // call.
    [[nodiscard]] const std::vector<Instant>& ends_of_parts(Period piece);
    [[nodiscard]] bool shows(Period part) const {
        return shown_.start <= part.start && part.end <= shown_.end;
    }

private:
    Calendar days_;
    Period shown_;
    bool by_day_;
    std::vector<Instant> ends_;
};

}  // namespace dcm::billing
