#include "billing/lint_tiers.h"

#include "rules/parse.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

// What the lint says of one rate with these members, which begin in column 29 of line 4.
std::vector<rules::Problem> lint(const std::string& members) {
    const std::vector<rules::BookFile> files{
        {"book.yaml",
         "version: 1\ncurrency: EUR\ntimezone: UTC\nrates: [{id: r, unit: hour, " + members +
             "}]\n"}};
    const rules::ParsedBook parsed = rules::parse_book(files, {});
    for (const rules::Problem& problem : parsed.problems) {
        UNSCOPED_INFO(rules::format_problem(problem));
    }
    REQUIRE(parsed.book);
    rules::Problems problems;
    lint_volume_tiers({*parsed.book, parsed.places}, problems);
    return std::move(problems).sorted();
}

std::string with_steps(const std::string& steps) {
    return "tiers: {mode: volume, steps: [" + steps + "]}";
}

const std::string kFalling = with_steps(R"({up_to: "100", price: "1"}, {price: "0.9"})");

}  // namespace

TEST_CASE("a volume step into which the cost falls is warned of", "[lint]") {
    struct Row {
        std::string members;
        std::string costs;
    };
    for (const Row& row : {
             Row{kFalling, "usage of 100 (unit: hour) costs 100 EUR, just above 100 it costs 90"},
             // What is free, then the discount.
             {kFalling + R"(, free: "10", discount: "50%")",
              "usage of 110 (unit: hour) costs 50 EUR, just above 110 it costs 45"},
             // A flat amount makes up for 9.9 of the 10 that the step is cheaper.
             {with_steps(R"({up_to: "100", price: "1"}, {price: "0.9", flat: "9.9"})"),
              "usage of 100 (unit: hour) costs 100 EUR, just above 100 it costs 99.9"},
             // The bill is capped at 95 up to the bound.
             {kFalling + R"(, maximum_spend: "95")",
              "usage of 100 (unit: hour) costs 95 EUR, just above 100 it costs 90"},
         }) {
        INFO(row.members);
        const std::vector<rules::Problem> problems = lint(row.members);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].severity == rules::Severity::warning);
        CHECK(problems[0].line == 4);
        CHECK(problems[0].column == 87);
        CHECK_THAT(problems[0].message, Catch::Contains(row.costs));
    }
}

TEST_CASE("tiers in which more usage costs no less are not warned of", "[lint]") {
    for (const std::string& members : std::vector<std::string>{
             "price: \"1\"",
             R"(tiers: {mode: graduated, steps: [{up_to: "100", price: "1"}, {price: "0.1"}]})",
             R"(tiers: {mode: package, size: "100", price: "1"})",
             with_steps(R"({price: "1"})"),
             with_steps(R"({up_to: "100", price: "1"}, {price: "1"})"),
             with_steps(R"({up_to: "100", price: "1"}, {price: "0.9", flat: "10"})"),
             kFalling + R"(, maximum_spend: "90")",
             kFalling + R"(, minimum_spend: "100")",
         }) {
        INFO(members);
        CHECK(lint(members).empty());
    }
}

TEST_CASE("each step into which the cost falls is warned of", "[lint]") {
    // 10 × 3 = 30 > 10 × 2; 20 × 2 = 40 > 20 × 1.5.
    const std::vector<rules::Problem> problems =
        lint(with_steps(R"({up_to: "10", price: "3"}, {up_to: "20", price: "2"}, {price: "1.5"})"));
    REQUIRE(problems.size() == 2);
    CHECK_THAT(problems[0].message, Catch::Contains("costs 30 EUR, just above 10 it costs 20"));
    CHECK_THAT(problems[1].message, Catch::Contains("costs 40 EUR, just above 20 it costs 30"));
}

}  // namespace dcm::billing
