// What a decimal prints parses to the same decimal, and its arithmetic is that of the rational
// numbers.
//
// Input: a scale and a rounding in two bytes, then two decimals, a line each.

#include "base/decimal.h"
#include "tests/fuzz/fuzz.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <string>

namespace dcm::fuzz {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Rational = boost::multiprecision::cpp_rational;

constexpr unsigned kScaleMax = 40;

Integer power_of_ten(unsigned exponent) {
    Integer power = 1;
    for (unsigned i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

// The text of a decimal as a fraction, by its digits.
Rational value_of(const Decimal& decimal) {
    std::string digits = decimal.to_string();
    const std::size_t point = digits.find('.');
    const std::size_t places = point == std::string::npos ? 0 : digits.size() - point - 1;
    if (point != std::string::npos) digits.erase(point, 1);
    const bool is_negative = digits.starts_with('-');
    Integer whole = 0;
    for (const char c : digits.substr(is_negative ? 1 : 0)) {
        whole = whole * 10 + (c - '0');
    }
    return {is_negative ? Integer(-whole) : whole, power_of_ten(static_cast<unsigned>(places))};
}

void check_text(const Decimal& decimal) {
    const std::string text = decimal.to_string();
    DCM_CHECK(text.find('.') == std::string::npos ||
              (!text.ends_with('0') && !text.ends_with('.')));
    DCM_CHECK(text != "-0");
    // A product may have more digits than a book may write.
    const Result<Decimal> again = Decimal::parse(text);
    DCM_CHECK(again.ok() ? again.value() == decimal : text.size() > Decimal::kDigitsMax);
}

// The exact value rounded: the nearest multiple of 10^-scale, ties by the rule.
Rational rounded(const Rational& exact, unsigned scale, Rounding rounding) {
    const Rational scaled = boost::multiprecision::abs(exact) * power_of_ten(scale);
    Integer whole = numerator(scaled) / denominator(scaled);
    const Rational beyond = scaled - whole;
    const Rational half(1, 2);
    const bool tie_goes_up = rounding == Rounding::half_up || whole % 2 != 0;
    if (beyond > half || (beyond == half && tie_goes_up)) ++whole;
    const Rational result(whole, power_of_ten(scale));
    return exact < 0 ? Rational(-result) : result;
}

void check_sums(const Decimal& left, const Decimal& right) {
    const Rational a = value_of(left);
    const Rational b = value_of(right);
    DCM_CHECK(value_of(left + right) == a + b);
    DCM_CHECK(value_of(left - right) == a - b);
    DCM_CHECK(value_of(left * right) == a * b);
    DCM_CHECK(value_of(-left) == -a);
    DCM_CHECK((left < right) == (a < b));
    DCM_CHECK((left == right) == (a == b));
    check_text(left + right);
    check_text(left * right);
}

}  // namespace

void examine(std::string_view bytes) {
    Input input(bytes);
    const unsigned scale = input.byte() % (kScaleMax + 1);
    const Rounding rounding = input.byte() % 2 == 0 ? Rounding::half_even : Rounding::half_up;
    const Result<Decimal> left = Decimal::parse(input.line());
    const Result<Decimal> right = Decimal::parse(input.line());
    if (!left.ok() || !right.ok()) return;
    check_text(left.value());
    check_sums(left.value(), right.value());
    const Rational exact = value_of(left.value());
    DCM_CHECK(value_of(left.value().rounded(scale, rounding)) == rounded(exact, scale, rounding));
    if (!right.value().is_zero()) {
        const Decimal quotient = divide(left.value(), right.value(), scale, rounding);
        DCM_CHECK(value_of(quotient) == rounded(exact / value_of(right.value()), scale, rounding));
    }
}

}  // namespace dcm::fuzz
