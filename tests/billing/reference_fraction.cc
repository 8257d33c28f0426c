#include "reference_fraction.h"

#include <algorithm>
#include <stdexcept>

namespace dcm::reference {
namespace {

constexpr unsigned kDecimalsMax = 120;

Whole power_of_ten(unsigned exponent) {
    return boost::multiprecision::pow(Whole(10), exponent);
}

}  // namespace

Fraction fraction_of(std::string_view decimal) {
    const bool is_negative = decimal.starts_with('-');
    Whole digits = 0;
    Whole scale = 1;
    bool after_point = false;
    for (const char c : decimal.substr(is_negative ? 1 : 0)) {
        if (c == '.') {
            after_point = true;
            continue;
        }
        digits = digits * 10 + (c - '0');
        scale *= after_point ? 10 : 1;
    }
    const Fraction magnitude(digits, scale);
    return is_negative ? Fraction(-magnitude) : magnitude;
}

std::string plain(const Fraction& value) {
    unsigned decimals = 0;
    while (power_of_ten(decimals) % denominator(value) != 0) {
        if (++decimals > kDecimalsMax) {
            throw std::logic_error("expected a decimal, got " + value.str());
        }
    }
    const Whole scaled = numerator(value) * power_of_ten(decimals) / denominator(value);
    std::string digits = Whole(abs(scaled)).str();
    digits.insert(0, std::max<std::size_t>(digits.size(), decimals + 1) - digits.size(), '0');
    if (decimals > 0) {
        digits.insert(digits.size() - decimals, 1, '.');
    }
    return scaled < 0 ? '-' + digits : digits;
}

Whole floor_of(const Fraction& value) {
    const Whole quotient = numerator(value) / denominator(value);
    return value < 0 && quotient * denominator(value) != numerator(value) ? Whole(quotient - 1)
                                                                          : quotient;
}

Whole ceiling_of(const Fraction& value) {
    return -floor_of(-value);
}

Fraction half_even(const Fraction& value, unsigned decimals) {
    const Fraction scaled = value * power_of_ten(decimals);
    Whole whole = floor_of(scaled);
    const Fraction rest = scaled - whole;
    const Fraction half(1, 2);
    if (rest > half || (rest == half && whole % 2 != 0)) {
        ++whole;
    }
    return Fraction(whole) / power_of_ten(decimals);
}

Fraction half_away_from_zero(const Fraction& value, unsigned decimals) {
    const Fraction scaled = Fraction(abs(value)) * power_of_ten(decimals);
    const Fraction rounded = Fraction(floor_of(scaled + Fraction(1, 2))) / power_of_ten(decimals);
    return value < 0 ? Fraction(-rounded) : rounded;
}

}  // namespace dcm::reference
