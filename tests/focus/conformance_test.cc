#include "focus/conformance.h"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace dcm::focus {
namespace {

using Row = std::map<std::string, std::string>;

// A row that keeps every rule; the empty text is no value.
Row sound_row() {
    return {{"BilledCost", "0.12"},
            {"BillingAccountId", "acme"},
            {"BillingAccountName", ""},
            {"BillingCurrency", "EUR"},
            {"BillingPeriodEnd", "2026-06-01T00:00:00Z"},
            {"BillingPeriodStart", "2026-05-01T00:00:00Z"},
            {"ChargeCategory", "Usage"},
            {"ChargeClass", ""},
            {"ChargeDescription", "two hours"},
            {"ChargeFrequency", "Usage-Based"},
            {"ChargePeriodEnd", "2026-05-01T12:00:00Z"},
            {"ChargePeriodStart", "2026-05-01T10:00:00Z"},
            {"ConsumedQuantity", "7200"},
            {"ConsumedUnit", "Seconds"},
            {"ContractedCost", "0.12"},
            {"EffectiveCost", "0.12"},
            {"InvoiceId", ""},
            {"InvoiceIssuerName", "Example Cloud"},
            {"ListCost", "0.12"},
            {"ListUnitPrice", "0.06"},
            {"PricingCategory", "Standard"},
            {"PricingQuantity", "2"},
            {"PricingUnit", "Hours"},
            {"ProviderName", "Example Cloud"},
            {"PublisherName", "Example Cloud"},
            {"ResourceId", "vm/web-1"},
            {"ResourceName", ""},
            {"ResourceType", "vm"},
            {"ServiceCategory", "Compute"},
            {"ServiceName", "vm"},
            {"ServiceSubcategory", "Virtual Machines"},
            {"SkuId", "vm-compute"},
            {"SkuMeter", "compute"},
            {"SkuPriceDetails", ""},
            {"SkuPriceId", "vm-compute@0.06/hour"}};
}

// The rules that rows of these values do not keep; the columns are those of the first.
std::set<std::string> broken_rules(const std::vector<Row>& rows) {
    Conformance conformance(rules_1_2());
    std::vector<CsvCell> names;
    for (const auto& [name, value] : rows.front()) {
        names.push_back({name, false});
    }
    conformance.header(names);
    for (const Row& row : rows) {
        std::vector<CsvCell> cells;
        for (const auto& [name, value] : row) {
            cells.push_back({value, value.empty()});
        }
        conformance.row(cells);
    }
    std::set<std::string> broken;
    for (const Finding& finding : conformance.findings()) {
        broken.insert(finding.rule);
    }
    return broken;
}

std::set<std::string> broken_with(const Row& changes) {
    Row row = sound_row();
    for (const auto& [name, value] : changes) {
        row[name] = value;
    }
    return broken_rules({row});
}

using Rules = std::set<std::string>;

TEST_CASE("a sound row breaks no rule", "[focus]") {
    CHECK(broken_rules({sound_row(), sound_row()}).empty());
}

TEST_CASE("every kind of check finds a row that breaks it", "[focus]") {
    struct Case {
        std::string name;
        Row changes;
        Rules broken;
    };
    const std::vector<Case> cases{
        {"decimal",
         {{"BilledCost", "12c"}},
         {"BilledCost-C-001-M", "BilledCost-C-002-M", "BilledCost-C-004-M"}},
        {"numeric format",
         {{"ConsumedQuantity", "+7200"}},
         {"ConsumedQuantity-C-001-M", "ConsumedQuantity-C-002-M"}},
        {"date-time",
         {{"ChargePeriodEnd", "2026-05-01"}},
         {"ChargePeriodEnd-C-001-M", "ChargePeriodEnd-C-002-M"}},
        {"date-time format",
         {{"ChargePeriodEnd", "2026-05-01T12:00:00.5Z"}},
         {"ChargePeriodEnd-C-002-M"}},
        {"string", {{"ServiceName", "\xFF"}}, {"ServiceName-C-001-M", "ServiceName-C-002-M"}},
        {"string format", {{"ServiceName", "  "}}, {"ServiceName-C-002-M"}},
        {"not null", {{"ServiceName", ""}}, {"ServiceName-C-003-M"}},
        {"allowed values", {{"ChargeFrequency", "Monthly"}}, {"ChargeFrequency-C-003-M"}},
        {"pairs of allowed values",
         {{"ServiceSubcategory", "Bots"}},
         {"ServiceSubcategory-C-004-M"}},
        {"national currency", {{"BillingCurrency", "XYZ"}}, {"BillingCurrency-C-006-M"}},
        {"currency format",
         {{"BillingCurrency", "eur"}},
         {"BillingCurrency-C-003-M", "BillingCurrency-C-006-M"}},
        {"unit format", {{"PricingUnit", "hours"}}, {"PricingUnit-C-003-O"}},
        {"key-value format", {{"SkuPriceDetails", "[1]"}}, {"SkuPriceDetails-C-001-M"}},
        {"at least zero",
         {{"ListUnitPrice", "-0.06"}, {"PricingQuantity", "-2"}},
         {"ListUnitPrice-C-008-M"}},
        {"price × quantity", {{"ListCost", "0.13"}}, {"ListCost-C-009-C", "ListUnitPrice-C-010-C"}},
        {"null together", {{"PricingUnit", ""}}, {"PricingUnit-C-006-C"}},
        {"null when", {{"ResourceId", ""}}, {"ResourceType-C-004-C"}},
        {"not null when", {{"ListUnitPrice", ""}}, {"ListUnitPrice-C-005-C"}},
        {"zero when another biller", {{"InvoiceIssuerName", "Other"}}, {"BilledCost-C-005-C"}},
        {"a value when another", {{"ChargeClass", "Fix"}}, {"ChargeClass-C-005-C"}},
        {"usage only", {{"ChargeCategory", "Adjustment"}}, {"ConsumedQuantity-C-004-C"}},
    };
    for (const Case& c : cases) {
        INFO(c.name);
        CHECK(broken_with(c.changes) == c.broken);
    }
}

TEST_CASE("a correction need not multiply", "[focus]") {
    CHECK(broken_with({{"ListCost", "0.13"}, {"ChargeClass", "Correction"}}).empty());
}

TEST_CASE("one value has one other", "[focus]") {
    Row other = sound_row();
    other["SkuId"] = "another";
    other["ServiceCategory"] = "Databases";
    other["ServiceSubcategory"] = "Caching";
    CHECK(broken_rules({sound_row(), other}) ==
          Rules{"ServiceName-C-005-C", "ServiceName-C-008-C", "SkuPriceId-C-008-M"});
}

TEST_CASE("a column that must be there is missed, one that should be there too", "[focus]") {
    Row row = sound_row();
    row.erase("BilledCost");
    row.erase("InvoiceId");
    CHECK(broken_rules({row}) == Rules{"CostAndUsage-D-006-M", "CostAndUsage-D-033-O"});
}

TEST_CASE("columns of ours begin x_, come last and once", "[focus]") {
    const std::vector<std::string> names{"x_Line", "Mine", "BilledCost", "BilledCost"};
    std::vector<CsvCell> cells;
    for (const std::string& name : names) {
        cells.push_back({name, false});
    }
    Conformance conformance(rules_1_2());
    conformance.header(cells);
    Rules broken;
    for (const Finding& finding : conformance.findings()) {
        broken.insert(finding.rule);
    }
    CHECK(broken.count("ColumnHandling-A-010-M") == 1);
    CHECK(broken.count("ColumnHandling-A-012-O") == 1);
    CHECK(broken.count("ColumnHandling-A-000-M") == 1);
}

TEST_CASE("a finding says which rule, the first row, what came and how many", "[focus]") {
    Conformance conformance(rules_1_2());
    const std::vector<CsvCell> names{{"BilledCost", false}};
    const std::vector<CsvCell> sound{{"1", false}};
    const std::vector<CsvCell> broken{{"", true}};
    conformance.header(names);
    conformance.row(sound);
    conformance.row(broken);
    conformance.row(broken);
    const std::vector<Finding> findings = conformance.findings();
    REQUIRE_FALSE(findings.empty());
    CHECK(finding_text(findings.back()) ==
          "row 2: BilledCost-C-003-M: expected BilledCost != null, got nothing; 2 rows");
    CHECK(findings.front().rows == 0);
    CHECK(finding_text(findings.front()).starts_with("header: CostAndUsage-D-"));
}

TEST_CASE("the table of rules has every kind of check", "[focus]") {
    std::set<CheckKind> kinds;
    for (const Rule& rule : rules_1_2()) {
        for (const Alternatives* const part : {&rule.requirement, &rule.condition}) {
            for (const auto& together : *part) {
                for (const Check& check : together) {
                    kinds.insert(check.kind);
                }
            }
        }
    }
    // All but same_as, which stands in a permission only.
    CHECK(kinds.size() == 18);
    CHECK(!kinds.contains(CheckKind::same_as));
    CHECK(rules_1_2().size() > 250);
}

}  // namespace
}  // namespace dcm::focus
