#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

std::string listed(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) {
        text += format_problem(problem) + '\n';
    }
    return text;
}

}  // namespace

Instant instant(std::string_view text) {
    return parse_rfc3339(text).value();
}

std::string with_head(const std::string& rest) {
    return "version: 1\ncurrency: EUR\ntimezone: Europe/Berlin\n" + rest;
}

ParsedBook parse_text(const std::string& text) {
    const std::vector<BookFile> files{{"book.yaml", text}};
    return parse_book(files, {});
}

RuleBook book_of(const std::string& text) {
    ParsedBook parsed = parse_text(text);
    INFO(text << '\n' << listed(parsed.problems));
    REQUIRE(parsed.problems.empty());
    REQUIRE(parsed.book);
    return std::move(*parsed.book);
}

void check_problems(const std::string& text, const std::vector<Expected>& expected) {
    const ParsedBook parsed = parse_text(text);
    INFO(text.substr(0, 2'000) << '\n' << listed(parsed.problems));
    CHECK_FALSE(parsed.book);
    REQUIRE(parsed.problems.size() == expected.size());
    for (std::size_t index = 0; index < expected.size(); ++index) {
        const Problem& problem = parsed.problems[index];
        CHECK(problem.file == "book.yaml");
        CHECK(problem.line == expected[index].line);
        CHECK(problem.column == expected[index].column);
        CHECK_THAT(problem.message, Catch::Contains(expected[index].message));
    }
}

}  // namespace dcm::rules
