#include "billing/minor_unit_text.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

std::string shown(std::string_view amount, std::string_view currency) {
    return minor_unit_text(Decimal::parse(amount).value(), currency);
}

TEST_CASE("an amount has all digits of its currency's minor unit", "[minor_unit_text]") {
    CHECK(shown("13225.1", "EUR") == "13225.10");
    CHECK(shown("13225", "EUR") == "13225.00");
    CHECK(shown("0", "EUR") == "0.00");
    CHECK(shown("-0.5", "EUR") == "-0.50");
    CHECK(shown("13225.12", "EUR") == "13225.12");
    CHECK(shown("13225", "JPY") == "13225");
    CHECK(shown("1.5", "KWD") == "1.500");
}

TEST_CASE("no digit is lost, whatever the currency", "[minor_unit_text]") {
    CHECK(shown("1.234", "EUR") == "1.234");
    CHECK(shown("1.5", "JPY") == "1.5");
    CHECK(shown("1.5", "???") == "1.5");
}

}  // namespace
}  // namespace dcm::billing
