#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

constexpr std::int64_t kSecond = kMicrosPerSecond;

Decimal decimal(std::string_view text) {
    return Decimal::parse(text).value();
}

// A book with one rate; its members begin in column 5 of line 5, after the id.
std::string with_rate(const std::string& members) {
    return with_head("rates:\n  - id: r\n" + members);
}

Rate rate_of(const std::string& members) {
    const RuleBook book = book_of(with_rate(members));
    REQUIRE(book.rates.size() == 1);
    return book.rates.front();
}

// A rate in flow style, whose only members are these and the id.
std::string in_flow(const std::string& members) {
    return with_head("rates: [{id: r, unit: hour, " + members + "}]\n");
}

}  // namespace

TEST_CASE("a rate with all but tiers is read", "[rules]") {
    const Rate rate = rate_of(
        "    meter: compute\n"
        "    match:\n"
        "      service_type: vm\n"
        "      state: [RUNNING, \"R*\"]\n"
        "      provider: [\"kubevirt*\", osac-sp-vm]\n"
        "      instance: i-1\n"
        "      tenant: acme\n"
        "      labels: {flavor: m1.small, zone: [a, b]}\n"
        "    valid_from: 2026-01-01\n"
        "    valid_to: 2026-07-01T00:00:00+05:00\n"
        "    price: \"0.0480\"\n"
        "    unit: minute\n"
        "    granularity: 5ms\n"
        "    minimum: 60s\n"
        "    free: \"10\"\n"
        "    discount: \"12.5%\"\n"
        "    minimum_spend: \"5\"\n"
        "    maximum_spend: \"500\"\n");
    CHECK(rate.id == "r");
    CHECK(rate.meter == "compute");
    CHECK(rate.match.service_type == Patterns{"vm"});
    CHECK(rate.match.state == Patterns{"RUNNING", "R*"});
    CHECK(rate.match.provider == Patterns{"kubevirt*", "osac-sp-vm"});
    CHECK(rate.match.instance == Patterns{"i-1"});
    CHECK(rate.match.tenant == Patterns{"acme"});
    REQUIRE(rate.match.labels.size() == 2);
    CHECK(rate.match.labels.find("flavor")->second == Patterns{"m1.small"});
    CHECK(rate.match.labels.find("zone")->second == Patterns{"a", "b"});
    // Midnight in Berlin.
    CHECK(rate.valid_from == instant("2025-12-31T23:00:00Z"));
    CHECK(rate.valid_to == instant("2026-06-30T19:00:00Z"));
    CHECK(rate.price == decimal("0.048"));
    CHECK_FALSE(rate.tiers);
    CHECK(rate.unit == Unit::minute);
    CHECK(rate.granularity == Duration{5'000});
    CHECK(rate.minimum == Duration{60 * kSecond});
    CHECK(rate.free == decimal("10"));
    CHECK(rate.discount == decimal("0.125"));
    CHECK(rate.minimum_spend == decimal("5"));
    CHECK(rate.maximum_spend == decimal("500"));
}

TEST_CASE("a rate that says little has the defaults", "[rules]") {
    const Rate rate = rate_of("    price: \"1\"\n    unit: hour\n");
    CHECK(rate.meter == "usage");
    CHECK(rate.match.service_type.empty());
    CHECK(rate.match.labels.empty());
    CHECK_FALSE(rate.valid_from);
    CHECK_FALSE(rate.valid_to);
    CHECK(rate.granularity == Duration{1});
    CHECK(rate.minimum == Duration{0});
    CHECK(rate.free.is_zero());
    CHECK(rate.discount.is_zero());
    CHECK_FALSE(rate.minimum_spend);
    CHECK_FALSE(rate.maximum_spend);
}

TEST_CASE("every unit has its name", "[rules]") {
    const std::vector<std::pair<std::string, Unit>> units{{"second", Unit::second},
                                                          {"minute", Unit::minute},
                                                          {"hour", Unit::hour},
                                                          {"day", Unit::day},
                                                          {"month", Unit::month}};
    for (const auto& [name, unit] : units) {
        CHECK(rate_of("    price: \"1\"\n    unit: " + name + "\n").unit == unit);
    }
}

TEST_CASE("a bound is a date, a month or a time", "[rules]") {
    const std::vector<std::pair<std::string, std::string>> bounds{
        {"2026-07-01", "2026-06-30T22:00:00Z"},
        {"2026-07", "2026-06-30T22:00:00Z"},
        {"2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z"},
        {"\"2026-07-01\"", "2026-06-30T22:00:00Z"},
    };
    for (const auto& [text, at] : bounds) {
        CHECK(rate_of("    price: \"1\"\n    unit: hour\n    valid_from: " + text + "\n")
                  .valid_from == instant(at));
    }
}

TEST_CASE("steps are read with their bounds, prices and flat amounts", "[rules]") {
    for (const auto& [name, mode] :
         {std::pair("graduated", TierMode::graduated), std::pair("volume", TierMode::volume)}) {
        const Rate rate = rate_of("    unit: month\n    tiers: {mode: " + std::string(name) +
                                  ", steps: [{up_to: \"100\", price: \"1.20\"}, {up_to: \"1000\", "
                                  "price: \"1.00\", flat: \"5\"}, {price: \"0.80\"}]}\n");
        REQUIRE(rate.tiers);
        CHECK_FALSE(rate.price);
        CHECK(rate.tiers->mode == mode);
        REQUIRE(rate.tiers->steps.size() == 3);
        CHECK(rate.tiers->steps[0].up_to == decimal("100"));
        CHECK(rate.tiers->steps[0].price == decimal("1.2"));
        CHECK(rate.tiers->steps[0].flat.is_zero());
        CHECK(rate.tiers->steps[1].flat == decimal("5"));
        CHECK_FALSE(rate.tiers->steps[2].up_to);
        CHECK(rate.tiers->steps[2].price == decimal("0.8"));
    }
}

TEST_CASE("a package has a size and a price", "[rules]") {
    const Rate rate =
        rate_of("    unit: hour\n    tiers: {mode: package, size: \"10\", price: \"3\"}\n");
    REQUIRE(rate.tiers);
    CHECK(rate.tiers->mode == TierMode::package);
    CHECK(rate.tiers->package_size == decimal("10"));
    CHECK(rate.tiers->package_price == decimal("3"));
    CHECK(rate.tiers->steps.empty());
}

TEST_CASE("a price below zero needs allow_negative", "[rules]") {
    check_problems(in_flow("price: \"-1\""), {{4, 36, "allow_negative: true"}});
    check_problems(in_flow("price: \"-1\", allow_negative: false"), {{4, 36, "allow_negative"}});
    check_problems(in_flow("tiers: {mode: package, size: \"1\", price: \"-1\"}"),
                   {{4, 70, "allow_negative"}});
    check_problems(in_flow("tiers: {mode: volume, steps: [{price: \"-1\", flat: \"-2\"}]}"),
                   {{4, 67, "allow_negative"}, {4, 79, "allow_negative"}});
    CHECK(book_of(in_flow("price: \"-1\", allow_negative: true")).rates[0].price == decimal("-1"));
    CHECK(book_of(in_flow("price: \"-0\"")).rates[0].price == decimal("0"));
}

TEST_CASE("what is wrong with a price is told with its place", "[rules]") {
    const std::vector<std::pair<std::string, std::string>> prices{
        {"0.1", "expected a quoted decimal, got a number: write \"0.1\", not 0.1"},
        {"5", "write \"5\", not 5"},
        {"-0.1", "write \"-0.1\", not -0.1"},
        {"1e3", "a decimal as a quoted string such as \"0.0480\", got \"1e3\""},
        {"\"1e3\"", "a decimal as a quoted string"},
        {"\"1,5\"", "a decimal as a quoted string"},
        {"\" 1\"", "a decimal as a quoted string"},
        {"\"\"", "a decimal as a quoted string"},
        {"\"0x10\"", "a decimal as a quoted string"},
        {"\".inf\"", "a decimal as a quoted string"},
        {"\"" + std::string(61, '9') + "\"", "a decimal as a quoted string"},
        {"[\"1\"]", "got a list"},
        {"{a: b}", "got a map"},
        {"\"0.1234567890123\"", "at most 12 decimals, got \"0.1234567890123\""},
    };
    for (const auto& [price, message] : prices) {
        check_problems(in_flow("price: " + price + ", meter: m"), {{4, 36, message}});
    }
    // A value that is absent is placed at its key.
    check_problems(in_flow("price: , meter: m"), {{4, 29, "got nothing"}});
    CHECK(book_of(in_flow("price: \"0.123456789012\"")).rates[0].price ==
          decimal("0.123456789012"));
}

TEST_CASE("a rate has exactly one of price and tiers", "[rules]") {
    check_problems(in_flow("meter: m"), {{4, 9, "expected price or tiers in a rate, got neither"}});
    check_problems(in_flow("price: \"1\", tiers: {mode: package, size: \"1\", price: \"1\"}"),
                   {{4, 48, "got both"}});
}

TEST_CASE("what is wrong with tiers is told with its place", "[rules]") {
    const auto steps = [](const std::string& list) {
        return in_flow("tiers: {mode: graduated, steps: " + list + "}");
    };
    check_problems(in_flow("tiers: []"), {{4, 36, "a map of tiers"}});
    check_problems(in_flow("tiers: {}"), {{4, 36, "key \"mode\""}});
    check_problems(in_flow("tiers: {mode: gradated}"), {{4, 43, "did you mean \"graduated\"?"}});
    check_problems(in_flow("tiers: {mode: volume}"), {{4, 36, "key \"steps\""}});
    check_problems(in_flow("tiers: {mode: package}"),
                   {{4, 36, "key \"size\""}, {4, 36, "key \"price\""}});
    check_problems(in_flow("tiers: {mode: package, size: \"0\", price: \"1\"}"),
                   {{4, 58, "above zero"}});
    check_problems(in_flow("tiers: {mode: package, size: \"1\", price: \"1\", steps: []}"),
                   {{4, 75, "unknown key \"steps\""}});
    check_problems(in_flow("tiers: {mode: volume, size: \"1\", steps: [{price: \"1\"}]}"),
                   {{4, 51, "unknown key \"size\""}});
    check_problems(steps("[]"), {{4, 61, "at least one step"}});
    check_problems(steps("{}"), {{4, 61, "a list of steps"}});
    check_problems(steps("[x]"), {{4, 62, "a map with up_to"}});
    check_problems(steps("[{}]"), {{4, 62, "key \"price\""}});
    check_problems(steps("[{price: \"1\", upto: \"5\"}]"), {{4, 75, "did you mean \"up_to\"?"}});
    check_problems(steps("[{price: \"1\"}, {price: \"1\"}]"), {{4, 62, "every step but the last"}});
    check_problems(steps("[{up_to: \"1\", price: \"1\"}]"), {{4, 70, "no up_to in the last step"}});
    check_problems(steps("[{up_to: \"0\", price: \"1\"}, {price: \"1\"}]"),
                   {{4, 70, "above zero"}});
    check_problems(steps("[{up_to: 1, price: \"1\"}, {price: \"1\"}]"), {{4, 70, "write \"1\""}});
    check_problems(
        steps("[{up_to: \"2\", price: \"1\"}, {up_to: \"2\", price: \"1\"}, {price: \"1\"}]"),
        {{4, 96, "above that of the step before, 2, got \"2\""}});
}

TEST_CASE("what is wrong with the other members of a rate is told with its place", "[rules]") {
    const auto priced = [](const std::string& members) {
        return in_flow("price: \"1\", " + members);
    };
    const std::vector<std::pair<std::string, std::string>> members{
        {"granularity: 0s", "a duration above zero"},
        {"granularity: 60", "a duration such as"},
        {"granularity: 1w", "a duration such as"},
        {"granularity: -1s", "a duration such as"},
        {"granularity: 36501d", "at most 36500d"},
        {"minimum: x", "a duration such as"},
        {"minimum: [1s]", "a duration such as"},
        {"free: 10", "write \"10\", not 10"},
        {"free: \"-1\"", "not negative"},
        {"discount: \"12.5\"", "a percentage from \"0%\" to \"100%\""},
        {"discount: 12.5", "a percentage"},
        {"discount: \"100.1%\"", "a percentage"},
        {"discount: \"-1%\"", "a percentage"},
        {"discount: \"%\"", "a percentage"},
        {"minimum_spend: 5", "write \"5\""},
        {"minimum_spend: \"-5\"", "not negative"},
        {"maximum_spend: \"-5\"", "not negative"},
        {"allow_negative: yes", "true or false"},
        {"allow_negative: \"true\"", "true or false"},
        {"valid_from: 2026-02-30", "a date, a month or an RFC 3339 time"},
        {"valid_from: yesterday", "a date, a month or an RFC 3339 time"},
        {"valid_from: 2026-13", "a date, a month or an RFC 3339 time"},
        {"valid_from: []", "a date, a month or an RFC 3339 time"},
        {"meter: []", "a meter's name"},
        {"meter: \"\"", "a meter's name"},
        {"match: vm", "a map of what the rate matches"},
    };
    for (const auto& [member, message] : members) {
        const auto value = static_cast<int>(member.find(' ')) + 1;
        check_problems(priced(member), {{4, 41 + value, message}});
    }
    check_problems(priced("prize: \"1\""),
                   {{4, 41, "unknown key \"prize\"; did you mean \"price\"?"}});
    check_problems(priced("valid_from: 2026-02-30T00:00:00Z"), {{4, 53, ""}});
}

TEST_CASE("the limits of other members are part of what is allowed", "[rules]") {
    CHECK(book_of(in_flow("price: \"1\", discount: \"100%\"")).rates[0].discount == decimal("1"));
    CHECK(book_of(in_flow("price: \"1\", discount: 0%")).rates[0].discount.is_zero());
    CHECK(book_of(in_flow("price: \"1\", minimum: 0s")).rates[0].minimum == Duration{0});
    CHECK(book_of(in_flow("price: \"1\", granularity: 36500d")).rates[0].granularity ==
          Duration{36'500LL * 86'400 * kSecond});
    CHECK(
        book_of(in_flow("price: \"1\", minimum_spend: \"5\", maximum_spend: \"5\"")).rates.size() ==
        1);
}

TEST_CASE("a rate ends after it begins and spends at most what it must", "[rules]") {
    check_problems(in_flow("price: \"1\", valid_from: 2026-05-01, valid_to: 2026-05-01"),
                   {{4, 75, "valid_to after valid_from"}});
    check_problems(in_flow("price: \"1\", valid_from: 2026-05-02, valid_to: 2026-05-01"),
                   {{4, 75, "valid_to after valid_from"}});
    check_problems(in_flow("price: \"1\", minimum_spend: \"5.01\", maximum_spend: \"5\""),
                   {{4, 79, "not below minimum_spend"}});
    CHECK(book_of(in_flow("price: \"1\", valid_from: 2026-04-30T22:00:00Z, valid_to: 2026-05-02"))
              .rates.size() == 1);
}

TEST_CASE("what is wrong with a match is told with its place", "[rules]") {
    const auto match = [](const std::string& members) {
        return in_flow("price: \"1\", match: {" + members + "}");
    };
    check_problems(match("sate: RUNNING"),
                   {{4, 49, "unknown key \"sate\"; did you mean \"state\"?"}});
    check_problems(match("state: []"), {{4, 56, "got an empty list"}});
    check_problems(match("state: {a: b}"), {{4, 56, "or a list of them, got a map"}});
    check_problems(match("state: [[a]]"), {{4, 57, "got a list"}});
    check_problems(match("state: \"\""), {{4, 56, "got \"\""}});
    check_problems(match("state: null"), {{4, 49, "got nothing"}});
    check_problems(match("labels: x"), {{4, 57, "a map of labels"}});
    check_problems(match("labels: {a: []}"), {{4, 61, "got an empty list"}});
}

TEST_CASE("a rate has an id that no other has, and a unit", "[rules]") {
    check_problems(with_head("rates: [{price: \"1\", unit: hour}]\n"), {{4, 9, "key \"id\""}});
    check_problems(with_head("rates: [{id: a, price: \"1\"}]\n"), {{4, 9, "key \"unit\""}});
    check_problems(with_head("rates: [{id: \"\", price: \"1\", unit: hour}]\n"),
                   {{4, 14, "the rate's id"}});
    check_problems(with_head("rates: [x]\n"), {{4, 9, "a rate, which is a map, got \"x\""}});
    check_problems(
        with_head("rates: [{id: a, price: \"1\", unit: week}]\n"),
        {{4, 35, "expected a unit, got \"week\"; known: second, minute, hour, day, month"}});
    check_problems(with_head("rates:\n"
                             "  - {id: a, price: \"1\", unit: hour}\n"
                             "  - {id: b, price: \"1\", unit: hour}\n"
                             "  - {id: a, price: \"1\", unit: hour}\n"),
                   {{7, 10, "an id that no other rate has, got \"a\""}});
}

}  // namespace dcm::rules
