#include "exports/content_check.h"

#include "exports/row_format.h"
#include "tests/exports/sample_content.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace dcm::exports {
namespace {

using testing::SampleContent;

std::string text_of(Format format, const std::vector<billing::StatementLine>& lines) {
    const RowFormat rows = row_format(format, focus::testing::sample_period(/*is_closed=*/false));
    std::string text;
    rows.append_header(text);
    for (const billing::StatementLine& line : lines) {
        rows.append_row(text, line);
    }
    return text;
}

CheckedContent check(Format format, std::string_view text, std::size_t piece) {
    ContentCheck content(format);
    for (std::size_t at = 0; at < text.size(); at += piece) {
        content.read(text.substr(at, piece));
    }
    return content.finish();
}

TEST_CASE("rows are counted and summed for each tenant, in every format", "[exports]") {
    const SampleContent sample(3);
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        for (const std::size_t piece : {1U, 7U, 100'000U}) {
            INFO(format_name(format) << ' ' << piece);
            CheckedContent found = check(format, text_of(format, sample.lines), piece);
            CHECK(found.rows == 4);
            CHECK(found.problems.empty());
            check_totals(format, {{"acme", sample.totals[0].total_rounded, 4}}, found);
            CHECK(found.problems.empty());
        }
    }
}

TEST_CASE("totals that were not promised, or are others, are told", "[exports]") {
    const SampleContent sample(3);
    CheckedContent found = check(Format::lines, text_of(Format::lines, sample.lines), 100'000);
    check_totals(Format::lines, {{"globex", Decimal(1), 1}}, found);
    REQUIRE(found.problems.size() == 2);
    CHECK(found.problems[0] == "expected 1 rows of \"globex\" with 1 in all, got 0 with 0");
    CHECK(found.problems[1].find("expected no row of \"acme\"") == 0);
}

TEST_CASE("a tenant that reads as a formula is summed under its own name", "[exports]") {
    SampleContent sample(2);
    for (billing::StatementLine& line : sample.lines) {
        line.tenant = "=acme";
    }
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        CheckedContent found = check(format, text_of(format, sample.lines), 100'000);
        check_totals(format, {{"=acme", sample.totals[0].total_rounded, 3}}, found);
        CHECK(found.problems.empty());
    }
}

// Two statements, one after the other.
std::vector<billing::StatementLine> two_statements(const std::string& first,
                                                   const std::string& second) {
    std::vector<billing::StatementLine> lines;
    for (const std::string& tenant : {first, second}) {
        for (billing::StatementLine line : SampleContent(2).lines) {
            line.tenant = tenant;
            line.line = static_cast<std::int64_t>(lines.size()) + 1;
            lines.push_back(line);
        }
    }
    return lines;
}

TEST_CASE("two tenants that a file writes alike are one in it", "[exports]") {
    const Decimal total = SampleContent(2).totals[0].total_rounded;
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        CheckedContent found =
            check(format, text_of(format, two_statements("'=acme", "=acme")), 100'000);
        check_totals(format, {{"'=acme", total, 3}, {"=acme", total, 3}}, found);
        CHECK(found.problems.empty());
    }
}

TEST_CASE("each tenant's rows end with the one rounding of their sum", "[exports]") {
    const std::vector<billing::StatementLine> sound = two_statements("acme", "globex");
    const auto problems_of = [](Format format, std::vector<billing::StatementLine> lines) {
        for (std::size_t i = 0; i < lines.size(); ++i) {
            lines[i].line = static_cast<std::int64_t>(i) + 1;
        }
        return check(format, text_of(format, lines), 100'000).problems;
    };
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        CHECK(problems_of(format, sound).empty());
        auto lines = sound;
        lines.erase(lines.begin() + 2);
        CHECK(problems_of(format, lines) ==
              std::vector<std::string>{
                  "row 3: expected the rounding of \"acme\" after its rows, got none"});
        lines = sound;
        lines.pop_back();
        CHECK(problems_of(format, lines) ==
              std::vector<std::string>{
                  "at the end: expected the rounding of \"globex\" after its rows, got none"});
        lines = sound;
        lines.push_back(lines.back());
        CHECK(problems_of(format, lines) ==
              std::vector<std::string>{
                  "row 7: expected one rounding after the rows of \"globex\", got another"});
        lines = sound;
        lines[5].cost += Decimal(1);
        CHECK(problems_of(format, lines) ==
              std::vector<std::string>{"row 6: expected the rounding 0.002 of 0.048, got 1.002"});
    }
}

TEST_CASE("what the manifest says of all rows is held against them", "[exports]") {
    const SampleContent sample(3);
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        const std::string text = text_of(format, sample.lines);
        Manifest manifest;
        manifest.format = format;
        manifest.period = "2026-05";
        manifest.period_start = "2026-04-30T22:00:00Z";
        manifest.period_end = "2026-05-31T22:00:00Z";
        manifest.currency = "EUR";
        manifest.state = "open";
        const auto problems_of = [&] {
            ContentCheck content(manifest);
            content.read(text);
            return content.finish().problems;
        };
        CHECK(problems_of().empty());
        manifest.currency = "USD";
        REQUIRE(problems_of().size() == 1);
        CHECK(problems_of().front() ==
              std::string("row 1: expected ") +
                  (format == Format::focus ? "BillingCurrency" : "currency") +
                  " \"USD\", as the manifest says, got \"EUR\"");
        manifest.currency = "EUR";
        manifest.state = "closed";
        CHECK(problems_of().size() == (format == Format::focus ? 1 : 0));
        manifest.period = "2026-06";
        manifest.state = "open";
        manifest.period_start = "2026-05-31T22:00:00Z";
        CHECK(problems_of().front().find(format == Format::focus
                                             ? "row 1: expected BillingPeriodStart"
                                             : "row 1: expected period \"2026-06\"") == 0);
    }
}

TEST_CASE("the columns are those that are written", "[exports]") {
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        CHECK(expected_columns(format) == format_columns(format));
    }
}

TEST_CASE("a text that reads as a formula has an apostrophe in front", "[exports]") {
    std::string text = text_of(Format::lines, focus::testing::sample_lines());
    CHECK(check(Format::lines, text, 100'000).problems.empty());
    const std::size_t at = text.find(",'=cmd");
    REQUIRE(at != std::string::npos);
    text.erase(at + 1, 1);
    const CheckedContent found = check(Format::lines, text, 100'000);
    REQUIRE(found.problems.size() == 1);
    CHECK(found.problems.front() ==
          "row 2: expected an apostrophe before \"=cmd|' /C calc'!A0\", which reads as a formula");
}

TEST_CASE("what is not the format is told with its row", "[exports]") {
    struct Case {
        Format format;
        std::string from;
        std::string to;
        std::string told;
    };
    for (const Case& c :
         {Case{Format::lines, "line,", "number,", "header: expected the columns"},
          Case{Format::lines, ",EUR,", ",", "row 1: expected 19 cells, got 18"},
          Case{Format::lines, "\r\n", "\n", "record 1: expected quotes"},
          Case{Format::lines, ",0.048,", ",x,", "row 1: unit_price: expected a decimal number"},
          Case{Format::jsonl, "}\n", "\n", "line 1: expected a JSON object"},
          Case{Format::jsonl,
               "\"currency\"",
               "\"money\"",
               "line 1: expected the member \"currency\""},
          Case{Format::jsonl, "\"cost\":\"0\"", "\"cost\":0", "line 1: expected another kind of"},
          Case{Format::jsonl, "{", "{\"x\":1,", "line 1: expected each member once and no other"},
          Case{
              Format::jsonl, "{", "{\"line\":9,", "line 1: expected each member once and no other"},
          Case{Format::focus, "Usage,", "Used,", "row 1: ChargeCategory-C-003-M"}}) {
        INFO(c.from << " becomes " << c.to);
        std::string text = text_of(c.format, SampleContent(2).lines);
        const std::size_t at = text.find(c.from);
        REQUIRE(at != std::string::npos);
        text.replace(at, c.from.size(), c.to);
        const CheckedContent found = check(c.format, text, 100'000);
        REQUIRE_FALSE(found.problems.empty());
        CHECK(found.problems.front().find(c.told) == 0);
    }
    CHECK(check(Format::focus, "", 1).problems.front() == "expected a header, the file is empty");
    CHECK(check(Format::jsonl, "{}", 1).problems.front() == "expected a line feed at the end");
}

}  // namespace
}  // namespace dcm::exports
