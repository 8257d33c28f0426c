#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

// One rate, in line 4; its members begin in column 17.
std::string with_members(const std::string& members) {
    return "rates: [{id: r, " + members + "}]\n";
}

std::string with_price(const std::string& unit, const std::string& price) {
    return with_members("unit: " + unit + ", price: \"" + price + "\"");
}

}  // namespace

// 1/3600 of an hour is not a decimal, but a third of a unit's whole parts makes whole units.
TEST_CASE("a duration that is no exact part of its unit is warned of", "[rules]") {
    for (const std::string& exact :
         std::vector<std::string>{"unit: hour, price: \"1\", granularity: 1s, minimum: 20m",
                                  "unit: hour, price: \"1\", granularity: 90m",
                                  "unit: minute, price: \"1\", granularity: 45s, minimum: 0s",
                                  "unit: second, price: \"1\", granularity: 1us, minimum: 1500ms",
                                  "unit: day, price: \"1\", granularity: 1h, minimum: 36h",
                                  "unit: month, price: \"1\", granularity: 1h"}) {
        check_warnings(lint_exactness, with_members(exact), {});
    }
    check_warnings(lint_exactness,
                   with_members("unit: hour, price: \"1\", granularity: 7s, minimum: 110s"),
                   {{4, 54, "a granularity that is exact in the unit hour, got 7 s"},
                    {4, 67, "a minimum that is exact in the unit hour, got 110 s"}});
    // 7 / 3600 = 0.0019444…
    check_warnings(lint_exactness,
                   with_members("unit: hour, price: \"1\", granularity: 7s"),
                   {{4, 54, "rounded to 0.001944444444"}});
    check_warnings(lint_exactness,
                   with_members("unit: day, price: \"1\", granularity: 7h"),
                   {{4, 53, "exact in the unit day"}});
}

// 0.05 / 3600 = 0.0000138888…, 0.0008 / 60 = 0.0000133333…, 1 / 24 = 0.0416666…
TEST_CASE("a price that was divided down from a rounder one is warned of", "[rules]") {
    check_warnings(
        lint_exactness,
        with_members("unit: second, price: \"0.000013888889\""),
        {{4, 38, "per second, which is 0.0500000004 per hour: write \"0.05\" and unit: hour"}});
    check_warnings(lint_exactness,
                   with_members("unit: second, price: \"0.000013333333\""),
                   {{4, 38, "write \"0.0008\" and unit: minute"}});
    check_warnings(lint_exactness,
                   with_members("unit: hour, price: \"0.0416667\""),
                   {{4, 36, "write \"1\" and unit: day"}});
    check_warnings(lint_exactness,
                   with_members("unit: hour, tiers: {mode: graduated, steps: [{up_to: \"1\", "
                                "price: \"0.5\"}, {price: \"0.0416667\"}]}"),
                   {{4, 90, "write \"1\" and unit: day"}});
}

TEST_CASE("a price that is what it is has no rounder one", "[rules]") {
    const std::vector<std::string> prices{
        "0.0480", "0.1", "1.86", "0.000013", "0.012345678901", "0", "0.000277", "0.333", "7"};
    const std::vector<std::string> units{"second", "minute", "hour", "day", "month"};
    for (const std::string& price : prices) {
        for (const std::string& unit : units) {
            check_warnings(lint_exactness, with_price(unit, price), {});
        }
    }
}

}  // namespace dcm::rules
