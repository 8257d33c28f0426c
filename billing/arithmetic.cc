#include "billing/arithmetic.h"

#include "base/check.h"
#include "billing/price_model.h"
#include "billing/quantity.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::string_view kTimes = " × ";
constexpr std::string_view kMinus = " − ";
constexpr std::string_view kDivided = " ÷ ";

std::string text_of(const Decimal& value) {
    return value.to_string();
}

std::string joined(const Decimal& left, std::string_view operation, const Decimal& right) {
    return text_of(left) + std::string(operation) + text_of(right);
}

Decimal seconds(Duration length) {
    return seconds_of(Int128{length.micros});
}

// The calculation of one line; every step goes on from the values before it.
class Calculation {
public:
    Calculation(const RatedLine& line, const rules::RuleBook& book, Period month)
        : line_(line),
          rate_(book.rates[line.rate]),
          currency_(book.currency),
          month_(month),
          unit_(std::string(rules::unit_name(rate_.unit)) + 's') {}

    std::vector<ArithmeticStep> run() {
        add({"used", "", text_of(seconds(line_.usage())), "s", ""});
        const Decimal quantity = add_quantity();
        const Decimal cost =
            line_.place == nullptr ? add_flat_cost(quantity) : add_cost_in_order(quantity);
        DCM_CHECK(cost == line_.cost());
        return std::move(steps_);
    }

private:
    void add(ArithmeticStep step) { steps_.push_back(std::move(step)); }

    // B(t) by the steps of the rate.
    Decimal add_billed_until(const std::string& name, Instant at) {
        const Duration length = at - line_.interval_start;
        const Decimal used = seconds(length);
        if (at <= line_.interval_start) {
            return {};
        }
        const Decimal step = seconds(rate_.granularity);
        Decimal billed = used;
        std::string expression;
        std::string note;
        if (rate_.granularity.micros > 1) {
            const auto whole = static_cast<std::int64_t>(
                (length.micros + rate_.granularity.micros - 1) / rate_.granularity.micros);
            billed = Decimal(whole) * step;
            if (billed != used) {
                expression = joined(Decimal(whole), kTimes, step);
                note = "a started step of " + text_of(step) + " s counts whole";
            }
        }
        const Decimal least = seconds(rate_.minimum);
        if (billed < least) {
            expression = "";
            note = "at least " + text_of(least) + " s per start";
            billed = least;
        }
        if (expression.empty() && note.empty() && name == "billed") {
            note = rate_.granularity.micros > 1 ? "whole steps of " + text_of(step) + " s" : "";
        }
        add({name, expression, text_of(billed), "s", note});
        return billed;
    }

    Decimal add_quantity() {
        const bool is_first = line_.charge.start <= line_.interval_start;
        const Decimal before =
            is_first ? Decimal() : add_billed_until("until its start", line_.charge.start);
        const Decimal after =
            add_billed_until(is_first ? "billed" : "until its end", line_.charge.end);
        const Decimal billed = after - before;
        if (!is_first) {
            add({"billed",
                 joined(after, kMinus, before),
                 text_of(billed),
                 "s",
                 "both counted from the interval's start"});
        }
        DCM_CHECK(billed == seconds(line_.billed));
        return add_quantity_of(before, after);
    }

    // Q(b) − Q(a); a month's quantity counts from the month's beginning.
    Decimal add_quantity_of(const Decimal& before, const Decimal& after) {
        Decimal counted_from;
        if (rate_.unit == rules::Unit::month && line_.interval_start < month_.start) {
            counted_from = line_.charge.start == month_.start
                               ? before
                               : add_billed_until("until the month", month_.start);
        }
        const Decimal unit = seconds(Duration{micros_in_unit(rate_.unit, month_)});
        const auto part = [&unit](const Decimal& seconds) {
            return divide(seconds, unit, kQuantityDecimals, Rounding::half_even);
        };
        const Decimal from = before < counted_from ? Decimal() : before - counted_from;
        const Decimal until = after - counted_from;
        Decimal quantity = part(until) - part(from);
        const bool is_exact = part(until) * unit == until && part(from) * unit == from;
        std::string expression = joined(until, kDivided, unit);
        if (!from.is_zero()) {
            expression += std::string(kMinus) + joined(from, kDivided, unit);
        }
        add({"quantity", expression, text_of(quantity), unit_, quantity_note(is_exact, from)});
        DCM_CHECK(quantity == to_decimal(line_.quantity));
        return quantity;
    }

    [[nodiscard]] std::string quantity_note(bool is_exact, const Decimal& from) const {
        std::string note;
        if (rate_.unit == rules::Unit::month) {
            note = "this month has " + text_of(seconds(month_.end - month_.start)) + " s";
        }
        if (!is_exact) {
            note += note.empty() ? "" : "; ";
            note += from.is_zero() ? "rounded to 12 decimals" : "each rounded to 12 decimals";
        }
        return note;
    }

    Decimal add_flat_cost(const Decimal& quantity) {
        const Decimal price = rate_.price.value_or(Decimal());
        Decimal cost = quantity * price;
        if (rate_.discount.is_zero()) {
            add({"cost", joined(quantity, kTimes, price), text_of(cost), currency_, ""});
            return cost;
        }
        add({"list cost", joined(quantity, kTimes, price), text_of(cost), currency_, ""});
        return add_discount("cost", cost);
    }

    Decimal add_discount(const std::string& name, const Decimal& list_cost) {
        const Decimal share = Decimal(1) - rate_.discount;
        Decimal cost = list_cost * share;
        add({name,
             joined(list_cost, kTimes, share),
             text_of(cost),
             currency_,
             text_of(rate_.discount * Decimal(100)) + "% discount"});
        return cost;
    }

    // F(end) − F(start) along the order of the tenant's lines in the period.
    Decimal add_cost_in_order(const Decimal& quantity) {
        const LinePlace& place = *line_.place;
        const Decimal before = to_decimal(place.quantity_before);
        const Decimal after = before + quantity;
        Decimal cost_before;
        if (before.is_zero()) {
            cost_before = place.cost_before;
        } else {
            add({"before it",
                 "",
                 text_of(before),
                 unit_,
                 "of this tenant, rate and month, in lines before this one"});
            cost_before = add_cost_until(before);
            DCM_CHECK(cost_before == place.cost_before);
            add({"with it",
                 text_of(before) + " + " + text_of(quantity),
                 text_of(after),
                 unit_,
                 ""});
        }
        const Decimal cost_after = add_cost_until(after);
        Decimal cost = cost_after - cost_before;
        if (!place.added.is_zero()) {
            add({"to the minimum",
                 joined(cost_after + place.added, kMinus, cost_after),
                 text_of(place.added),
                 currency_,
                 "minimum_spend " + text_of(*rate_.minimum_spend) + ", on the last line"});
            cost += place.added;
        }
        std::string expression = joined(cost_after, kMinus, cost_before);
        if (!place.added.is_zero()) {
            expression += " + " + text_of(place.added);
        }
        add({"cost", expression, text_of(cost), currency_, ""});
        return cost;
    }

    // F(x): allowance, tiers or price, discount, maximum.
    Decimal add_cost_until(const Decimal& quantity) {
        Decimal charged = quantity;
        if (!rate_.free.is_zero()) {
            charged = std::max(Decimal(), quantity - rate_.free);
            add({"after free",
                 joined(quantity, kMinus, rate_.free),
                 text_of(charged),
                 unit_,
                 quantity < rate_.free ? "not below 0" : ""});
        }
        Decimal cost = rate_.tiers ? add_tiers(*rate_.tiers, charged) : add_price(charged);
        if (!rate_.discount.is_zero()) {
            cost = add_discount("discounted", cost);
        }
        if (rate_.maximum_spend && *rate_.maximum_spend < cost) {
            cost = *rate_.maximum_spend;
            add({"at most", "", text_of(cost), currency_, "maximum_spend"});
        }
        DCM_CHECK(cost == PriceModel(rate_).cost_until(quantity));
        return cost;
    }

    Decimal add_price(const Decimal& quantity) {
        Decimal cost = quantity * *rate_.price;
        add({"price", joined(quantity, kTimes, *rate_.price), text_of(cost), currency_, ""});
        return cost;
    }

    Decimal add_tiers(const rules::Tiers& tiers, const Decimal& quantity) {
        switch (tiers.mode) {
            case rules::TierMode::graduated:
                return add_graduated(tiers, quantity);
            case rules::TierMode::volume:
                return add_volume(tiers, quantity);
            case rules::TierMode::package:
                break;
        }
        return add_packages(tiers, quantity);
    }

    Decimal add_step(const std::string& name, const Decimal& part, const rules::TierStep& step) {
        Decimal cost = part * step.price + step.flat;
        std::string expression = joined(part, kTimes, step.price);
        if (!step.flat.is_zero()) {
            expression += " + " + text_of(step.flat);
        }
        add({name,
             expression,
             text_of(cost),
             currency_,
             step.flat.is_zero() ? "" : "with its flat"});
        return cost;
    }

    static std::string step_name(const rules::TierStep& step) {
        return step.up_to ? "tier to " + text_of(*step.up_to) : "last tier";
    }

    Decimal add_graduated(const rules::Tiers& tiers, const Decimal& quantity) {
        Decimal cost;
        Decimal below;
        std::string sum;
        int steps = 0;
        for (const rules::TierStep& step : tiers.steps) {
            if (quantity <= below) {
                break;
            }
            const Decimal top = step.up_to ? std::min(quantity, *step.up_to) : quantity;
            const Decimal part = add_step(step_name(step), top - below, step);
            sum += (sum.empty() ? "" : " + ") + text_of(part);
            cost += part;
            below = top;
            ++steps;
        }
        if (steps != 1) {
            add({"tiers", sum, text_of(cost), currency_, steps == 0 ? "no tier is reached" : ""});
        }
        return cost;
    }

    Decimal add_volume(const rules::Tiers& tiers, const Decimal& quantity) {
        for (const rules::TierStep& step : tiers.steps) {
            if (!quantity.is_zero() && (!step.up_to || quantity <= *step.up_to)) {
                return add_step(step_name(step), quantity, step);
            }
        }
        add({"tiers", "", "0", currency_, "no tier is reached"});
        return {};
    }

    Decimal add_packages(const rules::Tiers& tiers, const Decimal& quantity) {
        const Decimal whole = divide(quantity, tiers.package_size, 0, Rounding::half_even);
        const Decimal packages = whole * tiers.package_size < quantity ? whole + Decimal(1) : whole;
        add({"packages",
             joined(quantity, kDivided, tiers.package_size),
             text_of(packages),
             "packages",
             "a started package counts whole"});
        Decimal cost = packages * tiers.package_price;
        add({"price", joined(packages, kTimes, tiers.package_price), text_of(cost), currency_, ""});
        return cost;
    }

    const RatedLine& line_;
    const rules::Rate& rate_;
    std::string currency_;
    Period month_;
    std::string unit_;
    std::vector<ArithmeticStep> steps_;
};

}  // namespace

std::vector<ArithmeticStep> arithmetic_of(const RatedLine& line,
                                          const rules::RuleBook& book,
                                          Period month) {
    return Calculation(line, book, month).run();
}

}  // namespace dcm::billing
