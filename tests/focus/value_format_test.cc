#include "focus/value_format.h"

#include "focus/exact_product.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dcm::focus {
namespace {

using Format = bool (*)(std::string_view);

struct Examples {
    std::vector<std::string> sound;
    std::vector<std::string> not_sound;
};

void check(Format format, const Examples& examples) {
    for (const std::string& text : examples.sound) {
        INFO(text);
        CHECK(format(text));
    }
    for (const std::string& text : examples.not_sound) {
        INFO(text);
        CHECK_FALSE(format(text));
    }
}

TEST_CASE("numbers have neither plus sign nor grouping nor unit", "[focus]") {
    check(is_numeric,
          {{"0", "-0.5", "12.25", "1E3", "1.5E-10", "00.1"},
           {"", "-", "+1", "1,000", "1.", ".5", "1/3", "5 EUR", "1E", "1E+3", "1e3", "NULL"}});
}

TEST_CASE("times are in UTC and whole seconds", "[focus]") {
    check(is_date_time,
          {{"2026-05-01T10:00:00Z", "2024-02-29T23:59:59Z"},
           {"",
            "2026-05-01",
            "2026-05-01T10:00:00",
            "2026-05-01T10:00:00.5Z",
            "2026-05-01T10:00:00+00:00",
            "2026-05-01 10:00:00Z",
            "2026-02-29T10:00:00Z",
            "2026-05-01T24:00:00Z",
            "2026-05-01t10:00:00z"}});
}

TEST_CASE("a text has something in it and is Unicode", "[focus]") {
    check(is_string, {{"a", " a ", "ü"}, {"", "   ", "\xFF"}});
}

TEST_CASE("currencies are three capitals", "[focus]") {
    check(is_currency, {{"EUR", "USD"}, {"", "eur", "EURO", "E R", "EU1"}});
}

TEST_CASE("units have the capitals of the specification", "[focus]") {
    check(
        is_unit,
        {{"Hours", "GB", "GB-Hours", "GB/Hour", "1000 Requests", "Units", "GB/3 Months", "Gizmos"},
         {"", "hours", "HOURS", "GB-hours", "GB-", "1000Requests", "GB/3Months", "a b"}});
}

TEST_CASE("key-value texts are one flat JSON object", "[focus]") {
    check(is_key_value,
          {{"{}", R"({"a":1,"b":"x","c":true,"d":null,"e":0.5,"f":-1})"},
           {"",
            "[]",
            "1",
            "null",
            R"({"a":{}})",
            R"({"a":[1]})",
            R"({"a":1,"a":2})",
            R"({"a":1} x)",
            R"({"a":})"}});
}

TEST_CASE("a product is exact to the last digit", "[focus]") {
    CHECK(is_exact({"0.048", "2.5", "0.12"}));
    CHECK(is_exact({"0.048", "2.5", "0.120"}));
    CHECK(is_exact({"0.048", "-2.5", "-0.12"}));
    CHECK(is_exact({"0", "2.5", "0"}));
    CHECK_FALSE(is_exact({"0.048", "2.5", "0.1200000000000001"}));
    CHECK_FALSE(is_exact({"0.048", "2.5", "-0.12"}));
    CHECK_FALSE(is_exact({"0.048", "", "0"}));
    CHECK_FALSE(is_exact({"0.048", "1e1", "0.48"}));
}

TEST_CASE("numbers of more digits than fit are exact as well", "[focus]") {
    const std::string nines(18, '9');
    CHECK(is_exact({nines, nines, "999999999999999998000000000000000001"}));
    CHECK_FALSE(is_exact({nines, nines, "999999999999999998000000000000000002"}));
    CHECK(is_exact({"9" + nines, "10", "9" + nines + "0"}));
    CHECK(is_exact({"0.000000000000000001", "1", "0.000000000000000001"}));
    CHECK(is_exact({"0.0000000000000000001", "10", "0.000000000000000001"}));
}

}  // namespace
}  // namespace dcm::focus
