#include "exports/line_check.h"

#include "billing/render_statement.h"
#include "tests/focus/sample_lines.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {
namespace {

using billing::StatementLine;

std::vector<std::string> check_next(LineCheck& lines, const std::vector<std::string>& cells) {
    return lines.check(std::vector<std::string_view>(cells.begin(), cells.end()));
}

// Of the sample's lines: what stands in a column of one of them instead.
struct CellCase {
    std::size_t line;
    std::string column;
    std::string cell;
    std::string told;  // empty: it is sound
};

std::size_t place_of_column(const std::string& column) {
    const std::vector<std::string>& names = LineCheck::columns();
    const auto found = std::find(names.begin(), names.end(), column);
    REQUIRE(found != names.end());
    return static_cast<std::size_t>(found - names.begin());
}

std::vector<std::string> problems_of(const CellCase& c) {
    LineCheck lines(focus::testing::sample_period(/*is_closed=*/true).span);
    const std::vector<StatementLine> sample = focus::testing::sample_lines();
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < sample.size(); ++i) {
        std::vector<std::string> cells = billing::statement_cells(sample[i]);
        if (i == c.line) {
            cells[place_of_column(c.column)] = c.cell;
        }
        const std::vector<std::string> found = check_next(lines, cells);
        problems.insert(problems.end(), found.begin(), found.end());
    }
    return problems;
}

TEST_CASE("lines of every kind are what their format promises", "[exports]") {
    CHECK(problems_of({99, "line", "", ""}).empty());
}

TEST_CASE("a cell that the format does not allow is told with its column", "[exports]") {
    constexpr std::size_t usage = 0;
    constexpr std::size_t tiers = 1;
    constexpr std::size_t reversal = 2;
    constexpr std::size_t correction = 3;
    constexpr std::size_t rounding = 5;
    for (const CellCase& c : {
             CellCase{usage, "line", "abc", "line: expected a whole number from 1 on, got \"abc\""},
             {usage, "line", "-7", "line: expected a whole number"},
             {usage, "line", "07", "line: expected a whole number"},
             {tiers, "line", "7", "line: expected the number after 7, got \"7\""},
             {tiers, "line", "9", "line: expected the number after 7, got \"9\""},
             {usage, "kind", "nonsense", "kind: expected usage, reversal, correction or rounding"},
             {usage, "kind", "rounding", "meter: expected rounding"},
             {usage, "kind", "correction", "charge_end: expected a time before the period"},
             {correction, "kind", "usage", "charge_start: expected a time in the period"},
             {usage, "tenant", "", "tenant: expected a tenant"},
             {usage, "instance_id", "", "instance_id: expected a value"},
             {usage, "provider", "", ""},
             {usage, "unit", "fortnight", "unit: expected second, minute, hour, day or month"},
             {usage, "rate", "", "rate: expected a name"},
             {rounding, "rate", "x", "rate: expected rounding"},
             {rounding, "unit_price", "1", "unit_price: expected nothing in a rounding"},
             {rounding, "billed_seconds", "1", "billed_seconds: expected 0 in a rounding"},
             {rounding, "charge_start", "2026-05-01T00:00:00Z", "charge_start: expected the start"},
             {usage, "charge_start", "yesterday", "charge_start: expected a time in UTC"},
             {usage,
              "charge_start",
              "2026-05-01T12:00:00+02:00",
              "charge_start: expected a time in UTC"},
             {usage, "charge_end", "2026-05-01T10:00:00.25Z", "charge_end: expected a time after"},
             {usage,
              "charge_end",
              "2026-06-01T00:00:00Z",
              "charge_end: expected a time in the period"},
             {usage, "quantity", "999", "cost: expected quantity × unit_price, got \"0.12\""},
             {usage, "quantity", "2.50", "quantity: expected a decimal number in plain notation"},
             {usage, "quantity", "", "quantity: expected a decimal number in plain notation"},
             {usage, "billed_seconds", "-1", "billed_seconds: expected no negative number"},
             {reversal, "quantity", "1", "quantity: expected no positive number in a reversal"},
             {usage, "unit_price", "x", "unit_price: expected a decimal number"},
             {usage, "unit_price", "", ""},
             {tiers, "quantity", "7", ""},
             {usage, "cost", "1e3", "cost: expected a decimal number in plain notation"},
             {usage, "corrects", "3", "corrects: expected nothing in usage and rounding"},
             {reversal, "corrects", "", "corrects: expected a whole number from 1 on"},
             {reversal, "corrects", "9", "corrects: expected the number of an earlier line"},
             {correction, "corrects", "", ""},
         }) {
        INFO(c.column << ' ' << c.cell << " in line " << c.line);
        const std::vector<std::string> problems = problems_of(c);
        REQUIRE(problems.empty() == c.told.empty());
        CHECK((c.told.empty() || problems.front().find(c.told) == 0));
    }
}

TEST_CASE("without a period times are held against each other alone", "[exports]") {
    LineCheck lines(std::nullopt);
    for (const StatementLine& line : focus::testing::sample_lines()) {
        CHECK(check_next(lines, billing::statement_cells(line)).empty());
    }
}

}  // namespace
}  // namespace dcm::exports
