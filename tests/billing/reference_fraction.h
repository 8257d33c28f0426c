#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include <string>
#include <string_view>

namespace dcm::reference {

// Whole numbers of a fixed size, far above what any amount here needs; overflow throws.
using WholeBackend = boost::multiprecision::cpp_int_backend<512,
                                                            512,
                                                            boost::multiprecision::signed_magnitude,
                                                            boost::multiprecision::checked,
                                                            void>;
using Whole = boost::multiprecision::number<WholeBackend, boost::multiprecision::et_off>;
using Fraction =
    boost::multiprecision::number<boost::multiprecision::rational_adaptor<WholeBackend>,
                                  boost::multiprecision::et_off>;

// `12.50`, also with a minus in front.
[[nodiscard]] Fraction fraction_of(std::string_view decimal);
// Plain notation without trailing zeros. The denominator divides a power of ten.
[[nodiscard]] std::string plain(const Fraction& value);

[[nodiscard]] Whole floor_of(const Fraction& value);
[[nodiscard]] Whole ceiling_of(const Fraction& value);

[[nodiscard]] Fraction half_even(const Fraction& value, unsigned decimals);
[[nodiscard]] Fraction half_away_from_zero(const Fraction& value, unsigned decimals);

}  // namespace dcm::reference
