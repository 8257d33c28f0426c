#include "rules/lint.h"

#include <array>

namespace dcm::rules {
namespace {

constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
// Digits of a quantity after its point (domain.md section 4).
constexpr unsigned kQuantityDecimals = 12;

struct LongerUnit {
    std::string_view name;
    std::int64_t seconds;
};
constexpr std::array<LongerUnit, 3> kLongerUnits{
    LongerUnit{"minute", 60}, LongerUnit{"hour", 3'600}, LongerUnit{"day", 86'400}};

// A month has no fixed length; whole days, and what divides one, fit in it.
std::int64_t micros_of(Unit unit) {
    switch (unit) {
        case Unit::second:
            return kMicrosPerSecond;
        case Unit::minute:
            return 60 * kMicrosPerSecond;
        case Unit::hour:
            return 3'600 * kMicrosPerSecond;
        case Unit::day:
        case Unit::month:
            break;
    }
    return kMicrosPerDay;
}

// Whether sums of such durations can be told exactly: a duration of a unit's tidy part (a third of
// an hour) makes whole units; any other has to be a decimal of at most 12 decimals.
bool is_exact(Duration duration, Unit unit) {
    const std::int64_t length = micros_of(unit);
    if (duration.micros == 0 || length % duration.micros == 0) {
        return true;
    }
    const Decimal units =
        divide(Decimal(duration.micros), Decimal(length), kQuantityDecimals, Rounding::half_even);
    return units * Decimal(length) == Decimal(duration.micros);
}

void check_duration(const PlacedBook& of,
                    std::size_t rate,
                    std::string_view member,
                    Problems& problems) {
    const Rate& checked = of.book.rates[rate];
    const Duration duration = member == "minimum" ? checked.minimum : checked.granularity;
    if (is_exact(duration, checked.unit)) {
        return;
    }
    const Decimal units = divide(Decimal(duration.micros),
                                 Decimal(micros_of(checked.unit)),
                                 kQuantityDecimals,
                                 Rounding::half_even);
    problems.warn(of.places.rates[rate].of(member),
                  "expected a " + std::string(member) + " that is exact in the unit " +
                      std::string(unit_name(checked.unit)) + ", got " + format_seconds(duration) +
                      " s: neither a whole part of it nor a decimal, " + "rounded to " +
                      units.to_string());
}

// How far a price whose last digit was rounded may be off, times `seconds`.
Decimal doubt_of(const Decimal& price, std::int64_t ratio) {
    return Decimal(ratio) * Decimal(BigInt(5), price.scale() + 1);
}

// The rounder price in the longer unit that this one was divided down from, as far as one can tell:
// it explains the digits and is at least a hundred times as round as chance would make it.
std::optional<Decimal> rounder_price(const Decimal& price, std::int64_t ratio) {
    constexpr unsigned digits_saved = 2;
    const Decimal longer = price * Decimal(ratio);
    const Decimal doubt = doubt_of(price, ratio);
    for (unsigned scale = 0; scale + digits_saved < price.scale(); ++scale) {
        const Decimal step(BigInt(1), scale);
        if (step < doubt * Decimal(100)) {
            break;
        }
        const Decimal round = longer.rounded(scale, Rounding::half_even);
        const Decimal off = round < longer ? longer - round : round - longer;
        if (!round.is_zero() && !off.is_zero() && off <= doubt) {
            return round;
        }
    }
    return std::nullopt;
}

struct PlacedPrice {
    const Decimal& price;
    Place place;
};

void check_price(PlacedPrice checked, Unit unit, Problems& problems) {
    const std::int64_t length = micros_of(unit) / kMicrosPerSecond;
    for (const LongerUnit& longer : kLongerUnits) {
        if (unit == Unit::month || longer.seconds <= length) {
            continue;
        }
        const std::int64_t ratio = longer.seconds / length;
        const auto round = rounder_price(checked.price, ratio);
        if (round) {
            const std::string name(longer.name);
            std::string message = "expected a price that is exact in its unit, got ";
            message += checked.price.to_string() + " per " + std::string(unit_name(unit));
            message += ", which is " + (checked.price * Decimal(ratio)).to_string();
            message += " per " + name + ": write " + shown(round->to_string());
            message += " and unit: ";
            message += name;
            problems.warn(checked.place, message);
            return;
        }
    }
}

void check_prices(const PlacedBook& of, std::size_t rate, Problems& problems) {
    const Rate& checked = of.book.rates[rate];
    const RatePlaces& places = of.places.rates[rate];
    if (checked.price) {
        check_price({*checked.price, places.of("price")}, checked.unit, problems);
    }
    if (!checked.tiers) {
        return;
    }
    for (std::size_t step = 0; step < checked.tiers->steps.size(); ++step) {
        check_price({checked.tiers->steps[step].price, {places.rate.file, places.steps[step]}},
                    checked.unit,
                    problems);
    }
}

}  // namespace

void lint_exactness(const PlacedBook& of, Problems& problems) {
    for (std::size_t rate = 0; rate < of.book.rates.size(); ++rate) {
        check_prices(of, rate, problems);
        check_duration(of, rate, "granularity", problems);
        check_duration(of, rate, "minimum", problems);
    }
}

}  // namespace dcm::rules
