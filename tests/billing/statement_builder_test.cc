#include "billing/statement_builder.h"

#include "billing/render_statement.h"
#include "case_book.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace dcm::billing {
namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view kPriced = R"(
  - {id: c, meter: compute, match: {state: RUNNING}, price: "0.333", unit: hour}
  - {id: s, meter: storage, match: {state: RUNNING}, unit: hour, free: "1", price: "0.1"}
)";
constexpr std::string_view kOwners = "service_type,instance,tenant\nvm,a,acme\nvm,b,Zeta\n";

BillingPeriod may() {
    return billing_period({2026, 5, 1}, Zone::utc());
}

std::string told(const StatementLine& line) {
    return std::to_string(line.line) + ' ' + std::string(statement_line_kind_name(line.kind)) +
           ' ' + line.tenant + ' ' + line.instance + ' ' + line.rate + ' ' +
           format_rfc3339(line.charge.start) + '/' + format_rfc3339(line.charge.end) + ' ' +
           line.quantity.to_string() + ' ' +
           (line.unit_price ? line.unit_price->to_string() : "-") + ' ' + line.cost.to_string();
}

void rate_into(StatementBuilder& builder, const rules::RuleBook& book, const Fleet& fleet) {
    Rater rater(book,
                {.shown = may().during, .as_of = at("2026-07-01")},
                {[&](const RatedLine& line) { builder.add(line); }, [](const UnratedPiece&) {}});
    for (const auto& [key, intervals] : fleet.instances) {
        rater.add(key, intervals);
    }
    rater.finish();
}

Texts lines_of(const StatementBuilder& builder) {
    Texts lines;
    builder.each_line([&lines](const StatementLine& line) { lines.push_back(told(line)); });
    return lines;
}

Fleet three_instances() {
    Fleet fleet;
    fleet.run("a", "2026-05-03", "2026-05-03T01:00:00Z");
    fleet.run("a", "2026-04-30T23:00:00Z", "2026-05-01T02:00:00Z");
    fleet.run("b", "2026-05-01", "2026-05-01T01:00:00Z");
    fleet.run("c", "2026-05-31T22:00:00Z", "");
    return fleet;
}

TEST_CASE("a tenant's statement is its usage in order and its rounding", "[statement]") {
    const rules::RuleBook book = book_with(kPriced, "UTC", kOwners);
    StatementBuilder builder(book, may());
    rate_into(builder, book, three_instances());
    builder.finish(11);
    const std::string month = "2026-05-01T00:00:00Z/2026-06-01T00:00:00Z";
    CHECK(lines_of(builder) ==
          Texts{
              "11 usage Zeta b c 2026-05-01T00:00:00Z/2026-05-01T01:00:00Z 1 0.333 0.333",
              "12 usage Zeta b s 2026-05-01T00:00:00Z/2026-05-01T01:00:00Z 1 - 0",
              "13 rounding Zeta  rounding " + month + " 0 - -0.003",
              "14 usage acme a c 2026-05-01T00:00:00Z/2026-05-01T02:00:00Z 2 0.333 0.666",
              "15 usage acme a s 2026-05-01T00:00:00Z/2026-05-01T02:00:00Z 2 - 0.1",
              "16 usage acme a c 2026-05-03T00:00:00Z/2026-05-03T01:00:00Z 1 0.333 0.333",
              "17 usage acme a s 2026-05-03T00:00:00Z/2026-05-03T01:00:00Z 1 - 0.1",
              "18 rounding acme  rounding " + month + " 0 - 0.001",
              "19 usage unassigned c c 2026-05-31T22:00:00Z/2026-06-01T00:00:00Z 2 0.333 0.666",
              "20 usage unassigned c s 2026-05-31T22:00:00Z/2026-06-01T00:00:00Z 2 - 0.1",
              "21 rounding unassigned  rounding " + month + " 0 - 0.004",
          });
    CHECK(builder.line_end() == 22);
    CHECK(builder.totals() ==
          std::vector<StatementTotal>{{"Zeta", decimal("0.333"), decimal("0.33"), 11, 14},
                                      {"acme", decimal("1.199"), decimal("1.2"), 14, 19},
                                      {"unassigned", decimal("0.766"), decimal("0.77"), 19, 22}});
}

TEST_CASE("the lines of one statement are those between its bounds", "[statement]") {
    const rules::RuleBook book = book_with(kPriced, "UTC", kOwners);
    StatementBuilder builder(book, may());
    rate_into(builder, book, three_instances());
    builder.finish(1);
    const Texts all = lines_of(builder);
    for (const StatementTotal& total : builder.totals()) {
        Texts own;
        builder.each_line(total, [&own](const auto& line) { own.push_back(told(line)); });
        CHECK(own == Texts(all.begin() + total.first_line - 1, all.begin() + total.line_end - 1));
    }
}

TEST_CASE("a total is rounded once, half-up, negative halves away from zero", "[statement]") {
    struct Row {
        std::string_view cost;
        std::string_view rounded;
        std::string_view rounding;
    };
    for (const Row& row : {Row{"0.005", "0.01", "0.005"},
                           {"0.0049", "0", "-0.0049"},
                           {"-0.005", "-0.01", "-0.005"},
                           {"-0.0049", "0", "0.0049"},
                           {"12", "12", "0"}}) {
        INFO(row.cost);
        const rules::RuleBook book = book_with(kPriced);
        StatementBuilder builder(book, may());
        StatementLine correction;
        correction.kind = StatementLineKind::correction;
        correction.tenant = "acme";
        correction.cost = decimal(row.cost);
        builder.add_correction(correction);
        builder.finish(1);
        REQUIRE(builder.totals().size() == 1);
        CHECK(builder.totals().front().total == decimal(row.cost));
        CHECK(builder.totals().front().total_rounded == decimal(row.rounded));
        Decimal rounding;
        builder.each_line([&rounding](const StatementLine& line) {
            rounding = line.kind == StatementLineKind::rounding ? line.cost : rounding;
        });
        CHECK(rounding == decimal(row.rounding));
    }
}

TEST_CASE("corrections follow a tenant's usage, and make statements by themselves", "[statement]") {
    const rules::RuleBook book = book_with(kPriced, "UTC", kOwners);
    StatementBuilder builder(book, may());
    const auto correct = [&builder](std::string tenant, std::string instance, std::int64_t line) {
        StatementLine correction;
        correction.kind = StatementLineKind::reversal;
        correction.tenant = std::move(tenant);
        correction.instance = std::move(instance);
        correction.rate = "c";
        correction.charge = {at("2026-04-01"), at("2026-04-02")};
        correction.quantity = decimal("-24");
        correction.unit_price = decimal("1");
        correction.cost = decimal("-24");
        correction.corrects = line;
        builder.add_correction(correction);
    };
    correct("acme", "x", 3);
    correct("Yps", "y", 1);
    correct("acme", "w", 2);
    Fleet fleet;
    fleet.run("a", "2026-05-01", "2026-05-01T01:00:00Z");
    rate_into(builder, book, fleet);
    builder.finish(5);
    const std::string april = "2026-04-01T00:00:00Z/2026-04-02T00:00:00Z";
    const std::string month = "2026-05-01T00:00:00Z/2026-06-01T00:00:00Z";
    CHECK(lines_of(builder) ==
          Texts{
              "5 reversal Yps y c " + april + " -24 1 -24",
              "6 rounding Yps  rounding " + month + " 0 - 0",
              "7 usage acme a c 2026-05-01T00:00:00Z/2026-05-01T01:00:00Z 1 0.333 0.333",
              "8 usage acme a s 2026-05-01T00:00:00Z/2026-05-01T01:00:00Z 1 - 0",
              "9 reversal acme x c " + april + " -24 1 -24",
              "10 reversal acme w c " + april + " -24 1 -24",
              "11 rounding acme  rounding " + month + " 0 - -0.003",
          });
    builder.each_line([](const StatementLine& line) {
        CHECK(line.period == "2026-05");
        CHECK(line.currency == "EUR");
    });
}

TEST_CASE("a period without lines has no statements", "[statement]") {
    const rules::RuleBook book = book_with(kPriced);
    StatementBuilder builder(book, may());
    builder.finish(4);
    CHECK(builder.totals().empty());
    CHECK(builder.line_end() == 4);
    CHECK(lines_of(builder).empty());
}

TEST_CASE("a line as JSON has the columns of the view, and null for what it has not",
          "[statement]") {
    const rules::RuleBook book = book_with(kPriced, "UTC", kOwners);
    StatementBuilder builder(book, may());
    Fleet fleet;
    fleet.run("a", "2026-05-01", "2026-05-01T00:00:01.5Z");
    rate_into(builder, book, fleet);
    builder.finish(1);
    std::string text;
    builder.each_line([&text](const StatementLine& line) { append_statement_json(text, line); });
    CHECK(text ==
          R"({"period":"2026-05","line":1,"tenant":"acme","provider":"p","service_type":"vm",)"
          R"("instance_id":"a","meter":"compute","rate":"c","state":"RUNNING",)"
          R"("charge_start":"2026-05-01T00:00:00Z","charge_end":"2026-05-01T00:00:01.5Z",)"
          R"("billed_seconds":"1.5","quantity":"0.000416666667","unit":"hour",)"
          R"("unit_price":"0.333","cost":"0.000138750000111","currency":"EUR","corrects":null,)"
          R"("kind":"usage"})"
          "\n"
          R"({"period":"2026-05","line":2,"tenant":"acme","provider":"p","service_type":"vm",)"
          R"("instance_id":"a","meter":"storage","rate":"s","state":"RUNNING",)"
          R"("charge_start":"2026-05-01T00:00:00Z","charge_end":"2026-05-01T00:00:01.5Z",)"
          R"("billed_seconds":"1.5","quantity":"0.000416666667","unit":"hour",)"
          R"("unit_price":null,"cost":"0","currency":"EUR","corrects":null,"kind":"usage"})"
          "\n"
          R"({"period":"2026-05","line":3,"tenant":"acme","provider":null,"service_type":null,)"
          R"("instance_id":null,"meter":"rounding","rate":"rounding","state":null,)"
          R"("charge_start":"2026-05-01T00:00:00Z","charge_end":"2026-06-01T00:00:00Z",)"
          R"("billed_seconds":"0","quantity":null,"unit":null,"unit_price":null,)"
          R"("cost":"-0.000138750000111","currency":"EUR","corrects":null,"kind":"rounding"})"
          "\n");
}

}  // namespace
}  // namespace dcm::billing
