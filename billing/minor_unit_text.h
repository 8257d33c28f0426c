#pragma once

#include "base/decimal.h"

#include <string>
#include <string_view>

namespace dcm::billing {

// An amount that was rounded to its currency's minor unit, for people: with all digits of that,
// `13225.10` of EUR and `13225` of JPY. Data and logs have it without trailing zeros.
[[nodiscard]] std::string minor_unit_text(const Decimal& rounded, std::string_view currency);

}  // namespace dcm::billing
