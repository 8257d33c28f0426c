#pragma once

#include "base/decimal.h"
#include "base/instant.h"
#include "rules/rulebook.h"

#include <compare>
#include <cstdint>

namespace dcm::billing {

__extension__ using Int128 = __int128;

inline constexpr unsigned kQuantityDecimals = 12;

// How much of a rate's unit: whole steps of 10^-12 units. One instance's quantity fits in 96 bits,
// so sums of 2^31 of them are exact.
struct Quantity {
    Int128 steps = 0;

    auto operator<=>(const Quantity&) const = default;  // NOLINT(modernize-use-nullptr)
    Quantity& operator+=(Quantity other) {
        steps += other.steps;
        return *this;
    }
};

[[nodiscard]] constexpr Quantity operator-(Quantity left, Quantity right) {
    return {left.steps - right.steps};
}
[[nodiscard]] constexpr Quantity operator+(Quantity left, Quantity right) {
    return {left.steps + right.steps};
}

[[nodiscard]] Decimal to_decimal(Quantity quantity);

// The length of a rate's unit; of `month` that of the calendar month given.
[[nodiscard]] std::int64_t micros_in_unit(rules::Unit unit, Period month);

// Microseconds, summed over any number of lines, as exact seconds.
[[nodiscard]] Decimal seconds_of(Int128 micros);

// B(t): what is billed of an interval that started at `start` up to `at` (domain.md section 4).
[[nodiscard]] Duration billed_until(const rules::Rate& rate, Instant start, Instant at);

// The two ends of a piece; both lie in `month` (its end included).
struct PieceOfInterval {
    Instant interval_start;
    Period piece;
    Period month;
};

struct BilledPiece {
    Duration billed;
    Quantity quantity;
};

// B(b) − B(a) and Q(b) − Q(a) for the piece [a, b).
[[nodiscard]] BilledPiece bill_piece(const rules::Rate& rate, const PieceOfInterval& of);

}  // namespace dcm::billing
