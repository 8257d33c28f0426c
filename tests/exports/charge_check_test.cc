#include "exports/charge_check.h"

#include "focus/csv_reader.h"
#include "focus/table.h"
#include "tests/focus/sample_lines.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {
namespace {

using Cells = std::vector<std::string>;

// The rows of the sample, one of every kind, without their header.
std::vector<Cells> sample_rows() {
    std::string text;
    focus::FocusWriter writer(
        focus::focus_1_2(), focus::testing::sample_period(/*is_closed=*/true), text);
    for (const billing::StatementLine& line : focus::testing::sample_lines()) {
        writer.row(focus::Charge(line));
    }
    std::vector<Cells> rows;
    focus::CsvReader reader([&rows](std::span<const focus::CsvCell> cells) {
        Cells& row = rows.emplace_back();
        for (const focus::CsvCell& cell : cells) {
            row.emplace_back(cell.text);
        }
    });
    reader.read(text);
    reader.finish();
    return rows;
}

// Of the sample's rows: what stands in a column of one of them instead.
struct ChargeCase {
    std::size_t row;
    std::string column;
    std::string cell;
    std::string told;  // empty: it is sound
};

std::vector<std::string> charge_problems(const ChargeCase& c) {
    const std::vector<std::string> names = focus::column_names(focus::focus_1_2());
    const auto column = std::find(names.begin(), names.end(), c.column);
    REQUIRE(column != names.end());
    std::vector<Cells> rows = sample_rows();
    rows.at(c.row).at(static_cast<std::size_t>(column - names.begin())) = c.cell;
    ChargeCheck charges(focus::testing::sample_period(/*is_closed=*/true).span);
    std::vector<std::string> problems;
    for (const Cells& row : rows) {
        const auto found = charges.check(std::vector<std::string_view>(row.begin(), row.end()));
        problems.insert(problems.end(), found.begin(), found.end());
    }
    return problems;
}

TEST_CASE("a cell that a charge cannot have is told with its column", "[exports]") {
    constexpr std::size_t usage = 0;
    constexpr std::size_t tiers = 1;
    constexpr std::size_t reversal = 2;
    constexpr std::size_t correction = 3;
    constexpr std::size_t late = 4;
    constexpr std::size_t rounding = 5;
    for (const ChargeCase& c : {
             ChargeCase{usage, "x_Line", "7", ""},
             {usage, "x_Line", "x", "x_Line: expected a whole number from 1 on, got \"x\""},
             {tiers, "x_Line", "7", "x_Line: expected the number after 7, got \"7\""},
             {tiers, "x_Line", "9", "x_Line: expected the number after 7"},
             {usage, "BilledCost", "7.5", "ContractedCost: expected the same as BilledCost"},
             {usage, "BilledCost", "0.120", "BilledCost: expected a decimal number in plain"},
             {usage, "ListCost", "7.5", "ListCost: expected the same as BilledCost"},
             {usage, "EffectiveCost", "0", "EffectiveCost: expected the same as BilledCost"},
             {usage, "ChargeCategory", "Purchase", "ChargeCategory: expected Usage or Adjustment"},
             {rounding, "ChargeClass", "Correction", "ChargeClass: expected nothing in a rounding"},
             {usage, "ChargePeriodStart", "2026-05-01T12:30:00Z", "ConsumedQuantity: expected the"},
             {usage,
              "ChargePeriodStart",
              "2026-07-01T00:00:00Z",
              "ChargePeriodEnd: expected no time before ChargePeriodStart"},
             {usage,
              "ChargePeriodStart",
              "2026-04-30T21:59:59Z",
              "ChargePeriodStart: expected a time in the period"},
             {usage,
              "ChargePeriodEnd",
              "2026-05-31T22:00:01Z",
              "ChargePeriodEnd: expected a time in the period"},
             {late,
              "ChargePeriodEnd",
              "2026-05-01T00:00:00Z",
              "ChargePeriodEnd: expected a time before the period"},
             {rounding,
              "ChargePeriodStart",
              "2026-05-01T00:00:00Z",
              "ChargePeriodStart: expected the start of the period"},
             {usage, "ConsumedQuantity", "9000", ""},
             {usage, "ConsumedQuantity", "9000.999999", ""},
             {usage, "ConsumedQuantity", "9001", "ConsumedQuantity: expected the seconds from"},
             {usage, "ConsumedQuantity", "8999", "ConsumedQuantity: expected the seconds from"},
             {usage, "ConsumedQuantity", "-8999.75", "ConsumedQuantity: expected no negative"},
             {usage, "ConsumedQuantity", "", "ConsumedQuantity: expected a decimal number"},
             {usage, "x_Corrects", "3", "x_Corrects: expected nothing in usage and rounding"},
             {reversal, "x_Corrects", "", "x_Corrects: expected a whole number from 1 on"},
             {reversal, "x_Corrects", "x", "x_Corrects: expected a whole number from 1 on"},
             {reversal, "x_Corrects", "9", "x_Corrects: expected the number of an earlier line"},
             {reversal, "PricingQuantity", "2", "ListCost: expected ListUnitPrice"},
             {correction, "x_Corrects", "", ""},
             {rounding, "PricingQuantity", "1", "PricingQuantity: expected nothing in a rounding"},
         }) {
        INFO(c.column << " of row " << c.row << " becomes " << c.cell);
        const std::vector<std::string> problems = charge_problems(c);
        CHECK(problems.empty() == c.told.empty());
        CHECK((problems.empty() || problems.front().find(c.told) == 0));
    }
}

TEST_CASE("a piece of usage within one second is a charge", "[exports]") {
    billing::StatementLine line = focus::testing::sample_lines().front();
    line.charge.end = line.charge.start + Duration{1};
    std::string text;
    focus::FocusWriter writer(
        focus::focus_1_2(), focus::testing::sample_period(/*is_closed=*/true), text);
    writer.row(focus::Charge(line));
    ChargeCheck charges(focus::testing::sample_period(/*is_closed=*/true).span);
    std::vector<std::string> problems{"unread"};
    focus::CsvReader reader([&](std::span<const focus::CsvCell> cells) {
        std::vector<std::string_view> texts;
        for (const focus::CsvCell& cell : cells) {
            texts.push_back(cell.text);
        }
        problems = charges.check(texts);
    });
    reader.read(text);
    reader.finish();
    CHECK(problems.empty());
}

}  // namespace
}  // namespace dcm::exports
