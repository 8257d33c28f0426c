#include "exports/content_check.h"

#include "exports/row_format.h"
#include "tests/exports/sample_content.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::exports {
namespace {

using testing::SampleContent;

struct SampleFile {
    std::vector<std::string> columns;
    std::string text;
};

SampleFile file_of(Format format, const SampleContent& sample) {
    const RowFormat rows = row_format(format, focus::testing::sample_period(/*is_closed=*/false));
    SampleFile file{rows.columns, ""};
    rows.append_header(file.text);
    for (const billing::StatementLine& line : sample.lines) {
        rows.append_row(file.text, line);
    }
    return file;
}

CheckedContent check(Format format, const SampleFile& file, std::size_t piece) {
    ContentCheck content(format, file.columns);
    for (std::size_t at = 0; at < file.text.size(); at += piece) {
        content.read(std::string_view(file.text).substr(at, piece));
    }
    return content.finish();
}

TEST_CASE("rows are counted and summed for each tenant, in every format", "[exports]") {
    const SampleContent sample(3);
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        for (const std::size_t piece : {1U, 7U, 100'000U}) {
            INFO(format_name(format) << ' ' << piece);
            CheckedContent found = check(format, file_of(format, sample), piece);
            CHECK(found.rows == 4);
            CHECK(found.problems.empty());
            check_totals(format, {{"acme", sample.totals[0].total_rounded, 4}}, found);
            CHECK(found.problems.empty());
        }
    }
}

TEST_CASE("totals that were not promised, or are others, are told", "[exports]") {
    const SampleContent sample(3);
    CheckedContent found = check(Format::lines, file_of(Format::lines, sample), 100'000);
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
        CheckedContent found = check(format, file_of(format, sample), 100'000);
        check_totals(format, {{"=acme", sample.totals[0].total_rounded, 3}}, found);
        CHECK(found.problems.empty());
    }
}

TEST_CASE("two tenants that a file writes alike are one in it", "[exports]") {
    SampleContent sample(3);
    sample.lines[0].tenant = "=acme";
    for (std::size_t i = 1; i < sample.lines.size(); ++i) {
        sample.lines[i].tenant = "'=acme";
    }
    const Decimal first = sample.lines[0].cost;
    const Decimal others = sample.totals[0].total_rounded - first;
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        CheckedContent found = check(format, file_of(format, sample), 100'000);
        check_totals(format, {{"'=acme", others, 3}, {"=acme", first, 1}}, found);
        CHECK(found.problems.empty());
    }
}

TEST_CASE("what the manifest says of all rows is held against them", "[exports]") {
    const SampleContent sample(3);
    for (const Format format : {Format::focus, Format::lines, Format::jsonl}) {
        INFO(format_name(format));
        const SampleFile file = file_of(format, sample);
        Manifest manifest;
        manifest.format = format;
        manifest.period = "2026-05";
        manifest.period_start = "2026-04-30T22:00:00Z";
        manifest.period_end = "2026-05-31T22:00:00Z";
        manifest.currency = "EUR";
        manifest.state = "open";
        const auto problems_of = [&] {
            ContentCheck content(format, file.columns, expected_cells(manifest));
            content.read(file.text);
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
        CHECK(problems_of().size() == 1);
    }
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
          Case{Format::lines, ",0.048,", ",x,", ""},
          Case{Format::jsonl, "}\n", "\n", "line 1: expected a JSON object"},
          Case{Format::jsonl,
               "\"currency\"",
               "\"money\"",
               "line 1: expected the member \"currency\""},
          Case{Format::jsonl, "\"cost\":\"0\"", "\"cost\":0", "row 1: expected a decimal"},
          Case{Format::focus, "Usage,", "Used,", "row 1: ChargeCategory-C-003-M"}}) {
        INFO(c.from << " becomes " << c.to);
        SampleFile file = file_of(c.format, SampleContent(2));
        const std::size_t at = file.text.find(c.from);
        REQUIRE(at != std::string::npos);
        file.text.replace(at, c.from.size(), c.to);
        const CheckedContent found = check(c.format, file, 100'000);
        REQUIRE(found.problems.empty() == c.told.empty());
        CHECK((c.told.empty() || found.problems.front().find(c.told) == 0));
    }
    CHECK(check(Format::focus, {{}, ""}, 1).problems.front() ==
          "expected a header, the file is empty");
    CHECK(check(Format::jsonl, {{}, "{}"}, 1).problems.front() ==
          "expected a line feed at the end");
}

}  // namespace
}  // namespace dcm::exports
