#pragma once

#include "base/result.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dcm {

// Integers without a bound; the first 256 bits need no allocation.
using BigInt = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<256,
                                           0,
                                           boost::multiprecision::signed_magnitude,
                                           boost::multiprecision::unchecked>,
    boost::multiprecision::et_off>;

// Named rounding rules; nothing else rounds.
enum class Rounding {
    half_even,  // ties to the even neighbour: quantities
    half_up,    // ties away from zero: statement totals
};

// An exact decimal number: coefficient × 10^-scale, always in lowest terms. Sums, differences and
// products are exact and cannot overflow; a quotient takes a scale and a Rounding. There is no way
// in from, or out to, binary floating point.
class Decimal {
public:
    // Digits accepted by parse, before and after the point together.
    static constexpr std::size_t kDigitsMax = 60;

    Decimal() = default;
    explicit Decimal(std::int64_t whole);
    // coefficient × 10^-scale
    Decimal(BigInt coefficient, unsigned scale);

    // Plain notation: optional sign, digits, optional point with digits. No exponent, no spaces.
    [[nodiscard]] static Result<Decimal> parse(std::string_view text);

    // Plain notation without trailing zeros or exponent; zero is "0".
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] bool is_zero() const { return coefficient_.is_zero(); }
    [[nodiscard]] bool is_negative() const { return coefficient_.sign() < 0; }
    // Digits after the point.
    [[nodiscard]] unsigned scale() const { return scale_; }

    [[nodiscard]] Decimal rounded(unsigned scale, Rounding rounding) const;

    friend Decimal operator+(const Decimal& left, const Decimal& right);
    friend Decimal operator-(const Decimal& left, const Decimal& right);
    friend Decimal operator*(const Decimal& left, const Decimal& right);
    friend Decimal operator-(const Decimal& value);
    friend bool operator==(const Decimal& left, const Decimal& right) = default;
    friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);

    Decimal& operator+=(const Decimal& right) { return *this = *this + right; }
    Decimal& operator-=(const Decimal& right) { return *this = *this - right; }

    // numerator ÷ denominator with `scale` digits after the point. The denominator is not zero.
    friend Decimal divide(const Decimal& numerator,
                          const Decimal& denominator,
                          unsigned scale,
                          Rounding rounding);

private:
    BigInt coefficient_ = 0;
    unsigned scale_ = 0;
};

[[nodiscard]] Decimal divide(const Decimal& numerator,
                             const Decimal& denominator,
                             unsigned scale,
                             Rounding rounding);

}  // namespace dcm
