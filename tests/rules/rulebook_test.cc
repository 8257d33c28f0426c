#include "rules/rulebook.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace dcm::rules {

TEST_CASE("a star matches any run of characters and nothing else is special", "[rules]") {
    struct Row {
        std::string pattern;
        std::string text;
        bool matches;
    };
    const std::vector<Row> rows{
        {"RUNNING", "RUNNING", true},
        {"RUNNING", "running", false},
        {"RUNNING", "RUNNING2", false},
        {"RUNNING2", "RUNNING", false},
        {"*", "", true},
        {"*", "anything", true},
        {"kubevirt*", "kubevirt", true},
        {"kubevirt*", "kubevirt.localhost", true},
        {"kubevirt*", "a-kubevirt", false},
        {"*-sp-*", "osac-sp-vm", true},
        {"*-sp-*", "-sp-", true},
        {"*-sp-*", "osac-s-p", false},
        {"R*ING", "RING", true},
        {"R*ING", "RUNNING", true},
        {"R*ING", "RUNNINGS", false},
        {"*a*b", "aab-ab", true},
        {"*a*b", "aaba", false},
        {"**", "x", true},
        {"?", "x", false},
        {".*", "abc", false},
        {"[a]", "a", false},
        {"a**b", "ab", true},
    };
    for (const Row& row : rows) {
        INFO(row.pattern << " and " << row.text);
        CHECK(matches_any({row.pattern}, row.text) == row.matches);
    }
}

TEST_CASE("no pattern matches everything and of several any may match", "[rules]") {
    CHECK(matches_any({}, "x"));
    CHECK(matches_any({"a", "x"}, "x"));
    CHECK_FALSE(matches_any({"a", "b"}, "x"));
}

TEST_CASE("many stars on a long text take no exponential time", "[rules]") {
    std::string pattern;
    for (int i = 0; i < 40; ++i) {
        pattern += "*a";
    }
    CHECK_FALSE(matches_any({pattern + "*b"}, std::string(2'000, 'a')));
}

TEST_CASE("a currency has the decimals of ISO 4217", "[rules]") {
    CHECK(minor_unit_digits("EUR") == 2);
    CHECK(minor_unit_digits("USD") == 2);
    CHECK(minor_unit_digits("AED") == 2);
    CHECK(minor_unit_digits("ZWG") == 2);
    CHECK(minor_unit_digits("JPY") == 0);
    CHECK(minor_unit_digits("BHD") == 3);
    CHECK(minor_unit_digits("CLF") == 4);
}

TEST_CASE("what is no ISO 4217 code is no currency", "[rules]") {
    for (const std::string code : {"", "EU", "EURO", "eur", "E R", "R G", "XXX", "XAU", "123"}) {
        INFO(code);
        CHECK(minor_unit_digits(code) == std::nullopt);
    }
}

TEST_CASE("every listed currency code is one, once", "[rules]") {
    std::vector<std::string> codes = currency_codes();
    CHECK(codes.size() > 150);
    for (const std::string& code : codes) {
        INFO(code);
        CHECK(minor_unit_digits(code).has_value());
    }
    std::sort(codes.begin(), codes.end());
    CHECK(std::adjacent_find(codes.begin(), codes.end()) == codes.end());
}

TEST_CASE("units are named as in a book", "[rules]") {
    CHECK(unit_name(Unit::second) == "second");
    CHECK(unit_name(Unit::minute) == "minute");
    CHECK(unit_name(Unit::hour) == "hour");
    CHECK(unit_name(Unit::day) == "day");
    CHECK(unit_name(Unit::month) == "month");
}

}  // namespace dcm::rules
