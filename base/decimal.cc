#include "base/decimal.h"

#include "base/ascii.h"
#include "base/shown.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace dcm {
namespace {

constexpr std::uint32_t kEightZeros = 100'000'000;

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

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

// Almost every coefficient fits in a machine word, and what two of them make in two: such are
// added, multiplied, compared and brought to lowest terms without BigInt, which copies 256 bits
// each time.
constexpr std::size_t kWord = 1;
constexpr std::size_t kTwoWords = 2;
constexpr unsigned kWordBits = 64;

std::size_t words_of(const BigInt& number) {
    return number.backend().size();
}

// Without its sign.
std::uint64_t word_of(const BigInt& number) {
    return number.backend().limbs()[0];
}

UInt128 two_words_of(const BigInt& number) {
    const std::span limbs(number.backend().limbs(), number.backend().size());
    return (limbs.size() == kWord ? UInt128{0} : UInt128{limbs[1]} << kWordBits) | limbs[0];
}

Int128 signed_word(const BigInt& number) {
    const auto word = static_cast<Int128>(word_of(number));
    return number.sign() < 0 ? -word : word;
}

BigInt with_sign(bool is_negative, UInt128 size) {
    BigInt number(size);
    if (is_negative) {
        number.backend().negate();
    }
    return number;
}

BigInt from_two_words(Int128 value) {
    return value < 0 ? with_sign(/*is_negative=*/true, -static_cast<UInt128>(value))
                     : with_sign(/*is_negative=*/false, static_cast<UInt128>(value));
}

// Powers of ten that are less than 2^60: a word times one of them is less than 2^124.
constexpr std::array<std::int64_t, 19> kShortPowers = [] {
    std::array<std::int64_t, 19> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}();

// Two coefficients brought to the larger scale.
struct AlignedWords {
    Int128 left = 0;
    Int128 right = 0;
    unsigned scale = 0;
};

// nullopt where one is longer than a word, or the scales lie too far apart.
std::optional<AlignedWords> align_words(const BigInt& left,
                                        unsigned left_scale,
                                        const BigInt& right,
                                        unsigned right_scale) {
    const unsigned scale = std::max(left_scale, right_scale);
    const bool is_far = scale - std::min(left_scale, right_scale) >= kShortPowers.size();
    if (is_far || words_of(left) > kWord || words_of(right) > kWord) {
        return std::nullopt;
    }
    return AlignedWords{signed_word(left) * kShortPowers[scale - left_scale],
                        signed_word(right) * kShortPowers[scale - right_scale],
                        scale};
}

constexpr bool ends_in_zero(std::uint64_t word) {
    return word % 10 == 0;
}

// 2^64 leaves 1 when divided by 5, so the sum of the words decides.
constexpr bool ends_in_zero(UInt128 number) {
    const auto low = static_cast<std::uint64_t>(number);
    const auto high = static_cast<std::uint64_t>(number >> kWordBits);
    return low % 2 == 0 && (low % 5 + high % 5) % 5 == 0;
}

// Divides by as many tens as can be had of the scale.
template <class Unsigned>
void drop_zeros(Unsigned& number, unsigned& scale) {
    while (scale > 0 && ends_in_zero(number)) {
        // Amounts with few digits end in many zeros.
        const bool has_eight = scale >= 8 && number % kEightZeros == 0;
        number /= has_eight ? kEightZeros : 10U;
        scale -= has_eight ? 8 : 1;
    }
}

// To lowest terms.
void reduce_two_words(BigInt& coefficient, unsigned& scale) {
    const unsigned before = scale;
    UInt128 size = two_words_of(coefficient);
    if (words_of(coefficient) == kWord) {
        std::uint64_t word = word_of(coefficient);
        drop_zeros(word, scale);
        size = word;
    } else {
        drop_zeros(size, scale);
    }
    if (scale != before) {
        coefficient = with_sign(coefficient.sign() < 0, size);
    }
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
    if (words_of(coefficient_) <= kTwoWords) {
        reduce_two_words(coefficient_, scale_);
        return;
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
    if (const auto words =
            align_words(left.coefficient_, left.scale_, right.coefficient_, right.scale_)) {
        return {from_two_words(words->left + words->right), words->scale};
    }
    const Aligned aligned = align(left.coefficient_, left.scale_, right.coefficient_, right.scale_);
    return {aligned.left + aligned.right, aligned.scale};
}

Decimal operator-(const Decimal& left, const Decimal& right) {
    if (const auto words =
            align_words(left.coefficient_, left.scale_, right.coefficient_, right.scale_)) {
        return {from_two_words(words->left - words->right), words->scale};
    }
    const Aligned aligned = align(left.coefficient_, left.scale_, right.coefficient_, right.scale_);
    return {aligned.left - aligned.right, aligned.scale};
}

Decimal operator*(const Decimal& left, const Decimal& right) {
    if (words_of(left.coefficient_) == kWord && words_of(right.coefficient_) == kWord) {
        const UInt128 size = UInt128{word_of(left.coefficient_)} * word_of(right.coefficient_);
        return {with_sign(left.is_negative() != right.is_negative() && size != 0, size),
                left.scale_ + right.scale_};
    }
    return {left.coefficient_ * right.coefficient_, left.scale_ + right.scale_};
}

Decimal operator-(const Decimal& value) {
    return {-value.coefficient_, value.scale_};
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
    if (const auto words =
            align_words(left.coefficient_, left.scale_, right.coefficient_, right.scale_)) {
        return words->left <=> words->right;
    }
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
