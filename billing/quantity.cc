#include "billing/quantity.h"

#include <algorithm>

namespace dcm::billing {
namespace {

constexpr Int128 kStepsPerUnit = 1'000'000'000'000;
constexpr unsigned kMicroDecimals = 6;
constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
constexpr std::int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

// Whole steps, half to even; numerator >= 0, denominator > 0.
Int128 divide_half_even(Int128 numerator, Int128 denominator) {
    const Int128 quotient = numerator / denominator;
    const Int128 doubled = (numerator % denominator) * 2;
    if (doubled > denominator || (doubled == denominator && quotient % 2 != 0)) {
        return quotient + 1;
    }
    return quotient;
}

}  // namespace

std::int64_t micros_in_unit(rules::Unit unit, Period month) {
    switch (unit) {
        case rules::Unit::second:
            return kMicrosPerSecond;
        case rules::Unit::minute:
            return kMicrosPerMinute;
        case rules::Unit::hour:
            return kMicrosPerHour;
        case rules::Unit::day:
            return kMicrosPerDay;
        case rules::Unit::month:
            break;
    }
    return (month.end - month.start).micros;
}

Decimal to_decimal(Quantity quantity) {
    return {BigInt(quantity.steps), kQuantityDecimals};
}

Decimal seconds_of(Int128 micros) {
    return {BigInt(micros), kMicroDecimals};
}

Duration billed_until(const rules::Rate& rate, Instant start, Instant at) {
    if (at <= start) {
        return Duration{0};
    }
    // Cannot overflow: the rounded-up length is the granularity, or less than twice the length.
    const std::int64_t length = (at - start).micros;
    const std::int64_t step = std::max<std::int64_t>(1, rate.granularity.micros);
    const std::int64_t steps = length / step + (length % step == 0 ? 0 : 1);
    return std::max(rate.minimum, Duration{steps * step});
}

BilledPiece bill_piece(const rules::Rate& rate, const PieceOfInterval& of) {
    const std::int64_t before = billed_until(rate, of.interval_start, of.piece.start).micros;
    const std::int64_t after = billed_until(rate, of.interval_start, of.piece.end).micros;
    // A month's own length is its unit, so a month's quantity is counted from where it begins.
    const std::int64_t counted_from =
        rate.unit == rules::Unit::month && of.interval_start < of.month.start
            ? billed_until(rate, of.interval_start, of.month.start).micros
            : 0;
    const Int128 unit = micros_in_unit(rate.unit, of.month);
    const auto quantity_at = [&](std::int64_t billed) {
        return divide_half_even(Int128{billed - counted_from} * kStepsPerUnit, unit);
    };
    return {.billed = Duration{after - before},
            .quantity = Quantity{quantity_at(after) - quantity_at(before)}};
}

}  // namespace dcm::billing
