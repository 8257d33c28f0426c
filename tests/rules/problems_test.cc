#include "rules/problems.h"

#include <catch2/catch.hpp>

namespace dcm::rules {

TEST_CASE("a problem is written with its place first", "[rules]") {
    CHECK(format_problem({Severity::error, "book.yaml", 3, 14, "expected a price"}) ==
          "book.yaml:3:14: error: expected a price");
    CHECK(format_problem({Severity::warning, "b.yaml", 1, 1, "never used"}) ==
          "b.yaml:1:1: warning: never used");
}

TEST_CASE("lines and columns count from one, columns in characters", "[rules]") {
    struct Row {
        std::size_t offset;
        int line;
        int column;
    };
    const BookFile file{"f", "ab\r\nü€x\n\nz"};
    for (const Row& row : {Row{0, 1, 1},
                           Row{1, 1, 2},
                           Row{4, 2, 1},
                           Row{6, 2, 2},
                           Row{9, 2, 3},
                           Row{11, 3, 1},
                           Row{12, 4, 1},
                           Row{13, 4, 2},
                           Row{99, 4, 2}}) {
        Problems problems;
        problems.add(file, row.offset, "x");
        const std::vector<Problem> sorted = std::move(problems).sorted();
        REQUIRE(sorted.size() == 1);
        CHECK(sorted[0].line == row.line);
        CHECK(sorted[0].column == row.column);
    }
}

TEST_CASE("problems come in the order of file and place", "[rules]") {
    const BookFile first{"a", "xx\nxx"};
    const BookFile second{"b", "xx"};
    Problems problems;
    problems.add(second, 1, "three");
    problems.add(first, 4, "two");
    problems.add(first, 0, "one");
    const std::vector<Problem> expected{{Severity::error, "a", 1, 1, "one"},
                                        {Severity::error, "a", 2, 2, "two"},
                                        {Severity::error, "b", 1, 2, "three"}};
    CHECK(std::move(problems).sorted() == expected);
}

TEST_CASE("problems past the limit are counted", "[rules]") {
    const BookFile file{"f", "x"};
    Problems problems;
    for (std::size_t i = 0; i < Problems::kProblemsMax; ++i) {
        problems.add(file, 0, "x");
    }
    SECTION("none past it") {
        CHECK(std::move(problems).sorted().size() == Problems::kProblemsMax);
    }
    SECTION("two past it") {
        problems.add(file, 0, "x");
        problems.add(file, 0, "x");
        const std::vector<Problem> sorted = std::move(problems).sorted();
        CHECK(sorted.size() == Problems::kProblemsMax + 1);
        CHECK(sorted.back().message == "there are 2 more problems");
    }
}

TEST_CASE("an unknown word gets the nearest known one, else all of them", "[rules]") {
    const std::vector<std::string> known{"price", "tiers"};
    CHECK(suggestion("prise", std::span<const std::string>(known)) == "; did you mean \"price\"?");
    CHECK(suggestion("zzzzz", std::span<const std::string>(known)) == "; known: price, tiers");
    const std::vector<std::string> broken{"A\nB"};
    CHECK(suggestion("zzzzz", std::span<const std::string>(broken)) == "; known: A B");
    const std::vector<std::string> many(21, "word");
    CHECK(suggestion("zzzzz", std::span<const std::string>(many)).empty());
}

}  // namespace dcm::rules
