#pragma once

#include "reference_case.h"

namespace dcm::reference {

struct Month {
    Micros start = 0;
    Micros end = 0;
};

// B(t) of an interval that started at `start`.
[[nodiscard]] Micros billed(const Rate& rate, Micros start, Micros at);

// Q(t); `at` lies in the month or is its end.
[[nodiscard]] Fraction quantity(const Rate& rate, Micros start, Micros at, const Month& month);

// F(x), the maximum spend applied.
[[nodiscard]] Fraction cost_until(const Rate& rate, const Fraction& quantity);

}  // namespace dcm::reference
