#include "reference_rating.h"

#include <algorithm>
#include <optional>
#include <set>

namespace dcm::billing {
namespace {

Whole floor_of(const Rational& value) {
    const Whole top = numerator(value);
    const Whole bottom = denominator(value);
    Whole quotient = top / bottom;
    if (top < 0 && quotient * bottom != top) {
        --quotient;
    }
    return quotient;
}

Whole ceiling_of(const Rational& value) {
    return -floor_of(-value);
}

Rational twelve_decimals(const Rational& value) {
    const Rational scaled = value * Whole("1000000000000");
    Whole whole = floor_of(scaled);
    const Rational rest = scaled - whole;
    const Rational half(1, 2);
    if (rest > half || (rest == half && whole % 2 != 0)) {
        ++whole;
    }
    return Rational(whole) / Whole("1000000000000");
}

// B(t) in seconds.
Rational billed(const rules::Rate& rate, Instant start, Instant at) {
    if (at <= start) {
        return 0;
    }
    const Rational step = Rational(rate.granularity.micros) / 1'000'000;
    const Rational length = Rational(at.micros - start.micros) / 1'000'000;
    const Rational stepped = Rational(ceiling_of(length / step)) * step;
    return std::max(Rational(rate.minimum.micros) / 1'000'000, stepped);
}

// Q(t)
Rational quantity(const rules::Rate& rate, Instant start, Instant at, Period month) {
    switch (rate.unit) {
        case rules::Unit::second:
            return twelve_decimals(billed(rate, start, at));
        case rules::Unit::minute:
            return twelve_decimals(billed(rate, start, at) / 60);
        case rules::Unit::hour:
            return twelve_decimals(billed(rate, start, at) / 3'600);
        case rules::Unit::day:
            return twelve_decimals(billed(rate, start, at) / 86'400);
        case rules::Unit::month:
            break;
    }
    const Instant later = std::max(start, month.start);
    const Rational seconds = Rational(month.end.micros - month.start.micros) / 1'000'000;
    return twelve_decimals((billed(rate, start, at) - billed(rate, start, later)) / seconds);
}

Rational tiered(const rules::Tiers& tiers, const Rational& x) {
    if (x <= 0) {
        return 0;
    }
    if (tiers.mode == rules::TierMode::package) {
        return Rational(ceiling_of(x / rational_of(tiers.package_size))) *
               rational_of(tiers.package_price);
    }
    Rational sum = 0;
    Rational below = 0;
    for (const rules::TierStep& step : tiers.steps) {
        const bool reaches = !step.up_to.has_value() || x <= rational_of(*step.up_to);
        if (tiers.mode == rules::TierMode::volume && reaches) {
            return x * rational_of(step.price) + rational_of(step.flat);
        }
        const Rational top = reaches ? x : rational_of(*step.up_to);
        sum += (top - below) * rational_of(step.price) + rational_of(step.flat);
        below = top;
        if (reaches) {
            break;
        }
    }
    return sum;
}

// F(x)
Rational cost_until(const rules::Rate& rate, const Rational& x) {
    const Rational y = std::max(Rational(0), Rational(x - rational_of(rate.free)));
    const Rational list =
        rate.price.has_value() ? Rational(y * rational_of(*rate.price)) : tiered(*rate.tiers, y);
    const Rational net = list * (1 - rational_of(rate.discount));
    return rate.maximum_spend.has_value() ? std::min(net, rational_of(*rate.maximum_spend)) : net;
}

struct Line {
    Instant start;
    std::string instance;
    Instant end;
    Instant interval_start;

    [[nodiscard]] auto order() const { return std::tie(start, instance); }
};
using Group = std::tuple<std::string, std::size_t, Instant>;  // tenant, rate, month

std::size_t winner_at(const rules::RuleBook& book,
                      const std::string& meter,
                      const Interval& interval,
                      const rules::Ownership& owner,
                      Instant at) {
    for (std::size_t i = 0; i < book.rates.size(); ++i) {
        const rules::Rate& rate = book.rates[i];
        if (rate.meter == meter && rules::matches_any(rate.match.state, interval.state) &&
            rules::matches_any(rate.match.tenant, owner.tenant) &&
            (!rate.valid_from.has_value() || *rate.valid_from <= at) &&
            (!rate.valid_to.has_value() || at < *rate.valid_to)) {
            return i;
        }
    }
    return book.rates.size();
}

class Bill {
public:
    Bill(const rules::RuleBook& book, const ReferenceInput& input) : book_(book), input_(input) {}

    ReferenceBill make() {
        for (const auto& [key, intervals] : input_.instances) {
            for (const Interval& interval : intervals) {
                take(key, interval);
            }
        }
        for (auto& [group, lines] : lines_) {
            price(group, lines);
        }
        return bill_;
    }

private:
    // Every instant at which anything could change.
    std::set<Instant> points(Period during, const std::vector<rules::Ownership>& owners) {
        std::set<Instant> points{during.start, during.end};
        for (const rules::Rate& rate : book_.rates) {
            points.insert(rate.valid_from.value_or(during.start));
            points.insert(rate.valid_to.value_or(during.start));
        }
        for (const rules::Ownership& owner : owners) {
            points.insert(owner.during.start);
        }
        CivilDate month = month_of(book_.zone.date_of(during.start));
        while (book_.zone.start_of(month) < during.end) {
            points.insert(book_.zone.start_of(month));
            month = next_month(month);
        }
        points.erase(points.begin(), points.lower_bound(during.start));
        points.erase(points.upper_bound(during.end), points.end());
        return points;
    }

    void take(const InstanceKey& key, const Interval& interval) {
        const Period during{interval.start,
                            std::min(interval.end.value_or(input_.as_of), input_.as_of)};
        if (during.end <= during.start) {
            return;
        }
        const std::vector<rules::Ownership> owners =
            book_.resources.ownership(key.service_type, key.instance, during);
        const std::set<Instant> cuts = points(during, owners);
        std::set<std::string> meters;
        for (const rules::Rate& rate : book_.rates) {
            meters.insert(rate.meter);
        }
        for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut) {
            const Instant start = *cut;
            const Instant end = *std::next(cut);
            const auto owner = std::find_if(owners.begin(), owners.end(), [&](const auto& each) {
                return each.during.contains(start);
            });
            bool is_charged = false;
            for (const std::string& meter : meters) {
                const std::size_t rate = winner_at(book_, meter, interval, *owner, start);
                if (rate < book_.rates.size()) {
                    is_charged = true;
                    add_line({owner->tenant, rate, book_.zone.month_around(start).start},
                             {start, key.instance, end, interval.start});
                }
            }
            if (!is_charged) {
                const std::int64_t from = std::max(start.micros, input_.shown.start.micros);
                const std::int64_t to = std::min(end.micros, input_.shown.end.micros);
                bill_.unrated_micros += std::max<std::int64_t>(0, to - from);
            }
        }
    }

    void add_line(const Group& group, const Line& line) {
        std::vector<Line>& lines = lines_[group];
        const auto before = std::find_if(lines.begin(), lines.end(), [&](const Line& each) {
            return each.instance == line.instance && each.interval_start == line.interval_start &&
                   each.end == line.start;
        });
        if (before != lines.end()) {
            before->end = line.end;
        } else {
            lines.push_back(line);
        }
    }

    void price(const Group& group, std::vector<Line>& lines) {
        const auto& [tenant, rate_index, month_start] = group;
        const rules::Rate& rate = book_.rates[rate_index];
        const Period month = book_.zone.month_around(month_start);
        std::sort(lines.begin(), lines.end(), [](const Line& left, const Line& right) {
            return left.order() < right.order();
        });
        Rational sum = 0;
        for (const Line& line : lines) {
            const auto used_at = [&](Instant at) {
                return Rational(quantity(rate, line.interval_start, at, month) -
                                quantity(rate, line.interval_start, line.start, month));
            };
            const Instant from = std::clamp(input_.shown.start, line.start, line.end);
            const Instant to = std::clamp(input_.shown.end, line.start, line.end);
            const Rational whole = cost_until(rate, sum + used_at(line.end));
            Rational cost = from < to ? cost_until(rate, sum + used_at(to)) -
                                            cost_until(rate, sum + used_at(from))
                                      : Rational(0);
            if (&line == &lines.back() && from < to && to == line.end &&
                rate.minimum_spend.has_value()) {
                const Rational least = rate.maximum_spend.has_value()
                                           ? std::min(rational_of(*rate.minimum_spend),
                                                      rational_of(*rate.maximum_spend))
                                           : rational_of(*rate.minimum_spend);
                cost += std::max(Rational(0), Rational(least - whole));
            }
            if (from < to) {
                bill_.costs[{line.instance, tenant, rate_index}] += cost;
            }
            sum += used_at(line.end);
        }
    }

    const rules::RuleBook& book_;
    const ReferenceInput& input_;
    std::map<Group, std::vector<Line>> lines_;
    ReferenceBill bill_;
};

}  // namespace

Rational rational_of(const Decimal& value) {
    std::string digits = value.to_string();
    Whole scale = 1;
    const std::size_t point = digits.find('.');
    if (point != std::string::npos) {
        scale =
            boost::multiprecision::pow(Whole(10), static_cast<unsigned>(digits.size() - point - 1));
        digits.erase(point, 1);
    }
    const bool is_negative = digits.starts_with('-');
    digits.erase(0, is_negative ? 1 : 0);
    // A leading zero would be read as octal.
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
    const Rational magnitude = Rational(Whole(digits)) / scale;
    return is_negative ? Rational(-magnitude) : magnitude;
}

ReferenceBill reference_bill(const rules::RuleBook& book, const ReferenceInput& input) {
    return Bill(book, input).make();
}

}  // namespace dcm::billing
