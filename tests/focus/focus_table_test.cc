#include "focus/conformance.h"
#include "focus/table.h"
#include "tests/focus/sample_lines.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace dcm::focus {
namespace {

std::string file_of(const ChargedPeriod& period, const std::vector<billing::StatementLine>& lines) {
    std::string out;
    FocusWriter writer(focus_1_2(), period, out);
    writer.header();
    for (const billing::StatementLine& line : lines) {
        writer.row(Charge(line));
    }
    return out;
}

using Row = std::map<std::string, std::string>;

// The rows by the names of their columns; a cell without a value is not in it.
std::vector<Row> rows_of(const std::string& file) {
    std::vector<std::string> names;
    std::vector<Row> rows;
    CsvReader reader([&](std::span<const CsvCell> cells) {
        if (names.empty()) {
            for (const CsvCell& cell : cells) {
                names.emplace_back(cell.text);
            }
            return;
        }
        Row& row = rows.emplace_back();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].is_null) {
                row[names.at(i)] = cells[i].text;
            }
        }
    });
    reader.read(file);
    reader.finish();
    REQUIRE(reader.fault().empty());
    return rows;
}

std::vector<Finding> findings_of(const std::string& file) {
    Conformance conformance(rules_1_2());
    bool is_header = true;
    CsvReader reader([&](std::span<const CsvCell> cells) {
        is_header ? conformance.header(cells) : conformance.row(cells);
        is_header = false;
    });
    reader.read(file);
    reader.finish();
    REQUIRE(reader.fault().empty());
    return conformance.findings();
}

TEST_CASE("a closed statement with every kind of line gives the golden file", "[focus]") {
    const std::string path = std::string(DCM_SOURCE_DIR) + "/tests/golden/focus-1.2.csv";
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file.good());
    const std::string golden((std::istreambuf_iterator<char>(file)), {});
    CHECK(file_of(testing::sample_period(/*is_closed=*/true), testing::sample_lines()) == golden);
}

TEST_CASE("what is written keeps every rule of FOCUS 1.2", "[focus]") {
    for (const bool is_closed : {true, false}) {
        for (const Finding& finding :
             findings_of(file_of(testing::sample_period(is_closed), testing::sample_lines()))) {
            FAIL_CHECK(finding_text(finding));
        }
    }
    CHECK(findings_of(file_of(testing::sample_period(/*is_closed=*/true), {})).empty());
}

TEST_CASE("both halves of a correction and a late line are corrections", "[focus]") {
    const auto rows =
        rows_of(file_of(testing::sample_period(/*is_closed=*/true), testing::sample_lines()));
    REQUIRE(rows.size() == 6);
    for (const std::size_t i : {2U, 3U, 4U}) {
        CHECK(rows[i].at("ChargeClass") == "Correction");
        CHECK(rows[i].at("ChargePeriodStart") == "2026-04-30T10:00:00Z");
        CHECK(rows[i].at("BillingPeriodStart") == "2026-04-30T22:00:00Z");
    }
    CHECK(rows[2].at("BilledCost") == "-0.048");
    CHECK(rows[2].at("ConsumedQuantity") == "-3600");
    CHECK(rows[2].at("x_Corrects") == "3");
    CHECK(rows[3].at("x_Corrects") == "3");
    CHECK(!rows[4].contains("x_Corrects"));
    CHECK(!rows[0].contains("ChargeClass"));
}

TEST_CASE("a cost that is not quantity × price is priced as one unit of itself", "[focus]") {
    auto lines = testing::sample_lines();
    lines[1].cost = Decimal::parse("-0.5").value();
    const auto rows = rows_of(file_of(testing::sample_period(/*is_closed=*/true), lines));
    CHECK(rows[1].at("PricingQuantity") == "-1");
    CHECK(rows[1].at("ListUnitPrice") == "0.5");
    CHECK(rows[1].at("ListCost") == "-0.5");
    CHECK(rows[1].at("PricingUnit") == "Units");
    CHECK(rows[1].at("SkuPriceId") == "storage-tiers");
    CHECK(rows[0].at("SkuPriceId") == "vm-compute@0.048/hour");
}

TEST_CASE("a negative price is one unit of its cost, as FOCUS has no negative price", "[focus]") {
    auto lines = testing::sample_lines();
    for (const std::size_t i : {0U, 2U}) {
        lines[i].unit_price = Decimal::parse("-0.048").value();
        lines[i].cost = lines[i].quantity * *lines[i].unit_price;
    }
    const std::string file = file_of(testing::sample_period(/*is_closed=*/true), lines);
    CHECK(findings_of(file).empty());
    const auto rows = rows_of(file);
    CHECK(rows[0].at("BilledCost") == "-0.12");
    CHECK(rows[0].at("ListUnitPrice") == "0.12");
    CHECK(rows[0].at("PricingQuantity") == "-1");
    CHECK(rows[0].at("PricingUnit") == "Units");
    CHECK(rows[0].at("SkuPriceId") == "vm-compute");
    CHECK(rows[0].at("ChargeDescription").find("2.5 hour at -0.048, rate") != std::string::npos);
    CHECK(rows[2].at("ListUnitPrice") == "0.048");
    CHECK(rows[2].at("PricingQuantity") == "1");
}

TEST_CASE("fault 92: columns of FOCUS are exact, those of ours cannot be formulas", "[focus]") {
    const auto rows =
        rows_of(file_of(testing::sample_period(/*is_closed=*/true), testing::sample_lines()));
    CHECK(rows[1].at("x_Provider") == "'=cmd|' /C calc'!A0");
    CHECK(rows[1].at("ResourceId") == "storage/-volume");
    CHECK(rows[1].at("BillingAccountId") == "acme, \"north\"");
}

TEST_CASE("the rounding is an adjustment without quantity and resource", "[focus]") {
    const Row row =
        rows_of(file_of(testing::sample_period(/*is_closed=*/true), testing::sample_lines()))
            .back();
    CHECK(row.at("ChargeCategory") == "Adjustment");
    CHECK(row.at("BilledCost") == "-0.0041");
    for (const char* const absent : {"ListUnitPrice",
                                     "PricingQuantity",
                                     "PricingUnit",
                                     "ResourceId",
                                     "SkuId",
                                     "ChargeClass"}) {
        INFO(absent);
        CHECK(!row.contains(absent));
    }
}

TEST_CASE("a statement has a number when its period is closed", "[focus]") {
    const auto lines = testing::sample_lines();
    CHECK(rows_of(file_of(testing::sample_period(/*is_closed=*/true), lines))[0].at("InvoiceId") ==
          "2026-05/acme, \"north\"");
    CHECK(!rows_of(file_of(testing::sample_period(/*is_closed=*/false), lines))[0].contains(
        "InvoiceId"));
}

TEST_CASE("times are whole seconds, their fraction dropped toward the past", "[focus]") {
    auto lines = testing::sample_lines();
    lines[0].charge.start = Instant{-1};
    const auto rows = rows_of(file_of(testing::sample_period(/*is_closed=*/true), lines));
    CHECK(rows[0].at("ChargePeriodStart") == "1969-12-31T23:59:59Z");
    CHECK(rows[1].at("ChargePeriodStart") == "2026-05-01T10:00:00Z");
    CHECK(rows[1].at("ConsumedQuantity") == "8999.75");
}

}  // namespace
}  // namespace dcm::focus
