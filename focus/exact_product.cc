#include "focus/exact_product.h"

#include "base/decimal.h"
#include "billing/quantity.h"

#include <array>
#include <optional>

namespace dcm::focus {
namespace {

using billing::Int128;

// Two factors of so many digits have a product that fits.
constexpr std::size_t kFactorDigitsMax = 18;
constexpr std::size_t kResultDigitsMax = 2 * kFactorDigitsMax;

// value × 10^-scale
struct SmallDecimal {
    Int128 value = 0;
    unsigned scale = 0;
};

constexpr std::array<Int128, kResultDigitsMax + 1> powers_of_ten() {
    std::array<Int128, kResultDigitsMax + 1> powers{};
    powers[0] = 1;
    for (std::size_t i = 1; i < powers.size(); ++i) {
        powers[i] = powers[i - 1] * 10;
    }
    return powers;
}
constexpr auto kPowersOfTen = powers_of_ten();

// nullopt for what has more digits or is no plain decimal.
std::optional<SmallDecimal> small_decimal(std::string_view text, std::size_t digits_max) {
    const bool is_negative = text.starts_with('-');
    text.remove_prefix(is_negative ? 1 : 0);
    SmallDecimal number;
    std::size_t digits = 0;
    bool after_point = false;
    for (const char c : text) {
        if (c == '.' && !after_point) {
            after_point = true;
            continue;
        }
        if (c < '0' || c > '9' || ++digits > digits_max) {
            return std::nullopt;
        }
        number.value = number.value * 10 + (c - '0');
        number.scale += after_point ? 1 : 0;
    }
    number.value = is_negative ? -number.value : number.value;
    return digits > 0 ? std::optional(number) : std::nullopt;
}

bool is_exact_at_any_size(const Product& product) {
    const Result<Decimal> left = Decimal::parse(product.left);
    const Result<Decimal> right = Decimal::parse(product.right);
    const Result<Decimal> result = Decimal::parse(product.result);
    return left.ok() && right.ok() && result.ok() && left.value() * right.value() == result.value();
}

}  // namespace

bool is_exact(const Product& product) {
    const auto left = small_decimal(product.left, kFactorDigitsMax);
    const auto right = small_decimal(product.right, kFactorDigitsMax);
    if (!left || !right) {
        return is_exact_at_any_size(product);
    }
    const unsigned scale = left->scale + right->scale;
    const auto result = small_decimal(product.result, kFactorDigitsMax);
    // A result of 18 digits, brought to the scale of the product, has to fit as well.
    if (!result || result->scale > scale || scale - result->scale > kFactorDigitsMax) {
        return is_exact_at_any_size(product);
    }
    return result->value * kPowersOfTen[scale - result->scale] == left->value * right->value;
}

}  // namespace dcm::focus
