#include "base/decimal.h"

#include "base/shown.h"

#include <array>
#include <span>
#include <utility>

namespace dcm {
namespace {

constexpr std::uint32_t kEightZeros = 100'000'000;

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// So many digits fit in 64 bits.
constexpr unsigned kWordDigits = 19;

// Those that need no allocation.
constexpr unsigned kKnownPowers = 78;

BigInt power_of_ten(unsigned exponent) {
    static const std::array<BigInt, kKnownPowers> known = [] {
        std::array<BigInt, kKnownPowers> powers;
        powers[0] = 1;
        for (std::size_t i = 1; i < powers.size(); ++i) {
            powers[i] = powers[i - 1] * 10;
        }
        return powers;
    }();
    return exponent < known.size() ? known[exponent]
                                   : boost::multiprecision::pow(BigInt(10), exponent);
}

// Asked after every operation, and seldom so: without a division of the whole number.
bool ends_in_zero(const BigInt& number) {
    const std::span limbs(number.backend().limbs(), number.backend().size());
    static_assert(sizeof(limbs[0]) == 8, "2^64 leaves 1 when divided by 5, so the sum decides");
    if (limbs.front() % 2 != 0) {
        return false;
    }
    std::uint64_t sum = 0;
    for (const std::uint64_t limb : limbs) {
        sum += limb % 5;
    }
    return sum % 5 == 0;
}

// A number digit by digit, taken together as far as a machine word holds them.
class DigitSum {
public:
    void add(unsigned digit) {
        if (word_digits_ == kWordDigits) {
            whole_ = value();
            word_ = 0;
            word_digits_ = 0;
        }
        word_ = word_ * 10 + digit;
        ++word_digits_;
    }

    [[nodiscard]] BigInt value() const {
        return whole_.is_zero() ? BigInt(word_) : whole_ * power_of_ten(word_digits_) + word_;
    }

private:
    BigInt whole_ = 0;
    std::uint64_t word_ = 0;
    unsigned word_digits_ = 0;
};

// Without its sign.
std::string digits_of(const BigInt& number) {
    const std::span limbs(number.backend().limbs(), number.backend().size());
    return limbs.size() == 1 ? std::to_string(limbs.front()) : BigInt(abs(number)).str();
}

// Both coefficients brought to the larger scale.
struct Aligned {
    BigInt left;
    BigInt right;
    unsigned scale = 0;
};

Aligned align(const BigInt& left, unsigned left_scale, const BigInt& right, unsigned right_scale) {
    if (left_scale == right_scale) {
        return {left, right, left_scale};
    }
    if (left_scale < right_scale) {
        return {left * power_of_ten(right_scale - left_scale), right, right_scale};
    }
    return {left, right * power_of_ten(left_scale - right_scale), left_scale};
}

// numerator ÷ denominator as a whole number; denominator > 0.
BigInt divide_rounded(const BigInt& numerator, const BigInt& denominator, Rounding rounding) {
    BigInt quotient;
    BigInt remainder;
    boost::multiprecision::divide_qr(BigInt(abs(numerator)), denominator, quotient, remainder);
    const BigInt doubled = remainder * 2;
    const bool tie = doubled == denominator;
    const bool tie_goes_up =
        rounding == Rounding::half_up || boost::multiprecision::bit_test(quotient, 0);
    if (doubled > denominator || (tie && tie_goes_up)) {
        ++quotient;
    }
    return numerator.sign() < 0 ? BigInt(-quotient) : quotient;
}

Error bad_decimal(std::string_view text) {
    return malformed("expected a decimal number such as \"0.0480\", got " + shown(text));
}

}  // namespace

Decimal::Decimal(std::int64_t whole) : coefficient_(whole) {}

Decimal::Decimal(BigInt coefficient, unsigned scale)
    : coefficient_(std::move(coefficient)), scale_(scale) {
    if (coefficient_.is_zero()) {
        scale_ = 0;
    }
    while (scale_ > 0 && ends_in_zero(coefficient_)) {
        // Amounts with few digits end in many zeros.
        const bool has_eight = scale_ >= 8 && coefficient_ % kEightZeros == 0;
        coefficient_ /= has_eight ? kEightZeros : 10U;
        scale_ -= has_eight ? 8 : 1;
    }
}

Result<Decimal> Decimal::parse(std::string_view text) {
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) {
        rest.remove_prefix(1);
    }
    DigitSum coefficient;
    unsigned scale = 0;
    std::size_t digits = 0;
    bool after_point = false;
    for (const char c : rest) {
        if (c == '.' && !after_point && digits > 0) {
            after_point = true;
            continue;
        }
        if (!is_digit(c)) {
            return bad_decimal(text);
        }
        if (++digits > kDigitsMax) {
            return malformed("expected a decimal number of at most " + std::to_string(kDigitsMax) +
                             " digits, got " + std::to_string(text.size()) + " characters");
        }
        coefficient.add(static_cast<unsigned>(c - '0'));
        scale += after_point ? 1 : 0;
    }
    if (digits == 0 || rest.ends_with('.')) {
        return bad_decimal(text);
    }
    const BigInt value = coefficient.value();
    return Decimal(negative ? BigInt(-value) : value, scale);
}

std::string Decimal::to_string() const {
    std::string digits = digits_of(coefficient_);
    if (digits.size() <= scale_) {
        digits.insert(0, scale_ + 1 - digits.size(), '0');
    }
    if (scale_ > 0) {
        digits.insert(digits.size() - scale_, 1, '.');
    }
    return is_negative() ? '-' + digits : digits;
}

Decimal Decimal::rounded(unsigned scale, Rounding rounding) const {
    if (scale_ <= scale) {
        return *this;
    }
    return {divide_rounded(coefficient_, power_of_ten(scale_ - scale), rounding), scale};
}

Decimal operator+(const Decimal& left, const Decimal& right) {
    const Aligned aligned = align(left.coefficient_, left.scale_, right.coefficient_, right.scale_);
    return {aligned.left + aligned.right, aligned.scale};
}

Decimal operator-(const Decimal& left, const Decimal& right) {
    const Aligned aligned = align(left.coefficient_, left.scale_, right.coefficient_, right.scale_);
    return {aligned.left - aligned.right, aligned.scale};
}

Decimal operator*(const Decimal& left, const Decimal& right) {
    return {left.coefficient_ * right.coefficient_, left.scale_ + right.scale_};
}

Decimal operator-(const Decimal& value) {
    return {-value.coefficient_, value.scale_};
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
    const Aligned aligned = align(left.coefficient_, left.scale_, right.coefficient_, right.scale_);
    return aligned.left.compare(aligned.right) <=> 0;
}

Decimal divide(const Decimal& numerator,
               const Decimal& denominator,
               unsigned scale,
               Rounding rounding) {
    DCM_CHECK(!denominator.is_zero());
    // n·10^-a ÷ d·10^-b at scale s is the whole number n·10^(b+s) ÷ d·10^a.
    BigInt top = numerator.coefficient_ * power_of_ten(denominator.scale_ + scale);
    BigInt bottom = denominator.coefficient_ * power_of_ten(numerator.scale_);
    if (bottom.sign() < 0) {
        top = -top;
        bottom = -bottom;
    }
    return {divide_rounded(top, bottom, rounding), scale};
}

}  // namespace dcm
