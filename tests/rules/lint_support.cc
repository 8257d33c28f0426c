#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {

std::vector<Problem> lint_with(const Lint& lint, const std::string& rest, std::string_view owners) {
    const std::vector<BookFile> files{{"book.yaml", with_head(rest)}};
    const std::vector<BookFile> resources{{"owners.csv", std::string(owners)}};
    const ParsedBook parsed =
        parse_book(files, owners.empty() ? std::span<const BookFile>() : resources);
    for (const Problem& problem : parsed.problems) {
        UNSCOPED_INFO(format_problem(problem));
    }
    REQUIRE(parsed.book);
    Problems problems;
    lint({*parsed.book, parsed.places}, problems);
    return std::move(problems).sorted();
}

void check_warnings(const Lint& lint,
                    const std::string& rest,
                    const std::vector<Expected>& expected,
                    std::string_view owners) {
    INFO(with_head(rest));
    const std::vector<Problem> problems = lint_with(lint, rest, owners);
    for (const Problem& problem : problems) {
        UNSCOPED_INFO(format_problem(problem));
    }
    REQUIRE(problems.size() == expected.size());
    for (std::size_t i = 0; i < problems.size(); ++i) {
        CHECK(problems[i].severity == Severity::warning);
        CHECK(problems[i].line == expected[i].line);
        CHECK(problems[i].column == expected[i].column);
        CHECK_THAT(problems[i].message, Catch::Contains(expected[i].message));
    }
}

}  // namespace dcm::rules
