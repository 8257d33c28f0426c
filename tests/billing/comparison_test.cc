#include "billing/comparison.h"

#include "billing/render_comparison.h"
#include "case_book.h"

#include <catch2/catch.hpp>

#include <utility>

namespace dcm::billing {
namespace {

ReportLine tenant_line(std::vector<std::string> keys, std::string_view cost) {
    return {std::move(keys), Decimal(7'200), Decimal(3'600), decimal(cost)};
}

Report tenant_report(std::vector<ReportLine> lines) {
    Report report;
    report.timezone = "UTC";
    report.currency = "EUR";
    report.group_by = {GroupKey::tenant};
    report.lines = std::move(lines);
    for (const ReportLine& line : report.lines) {
        report.total += line.cost;
    }
    report.total_rounded = report.total.rounded(2, Rounding::half_up);
    return report;
}

// One tenant went, one came, one has a credit, one is as it was.
Comparison sample_comparison() {
    Report other = tenant_report({tenant_line({"acme"}, "8"),
                                  tenant_line({"credit"}, "-0.5"),
                                  tenant_line({"gone"}, "1.25"),
                                  tenant_line({"same"}, "0")});
    other.unrated_seconds = Decimal(60);
    return compare_periods(tenant_report({tenant_line({"acme"}, "10.004"),
                                          tenant_line({"credit"}, "0.25"),
                                          tenant_line({"new"}, "3"),
                                          tenant_line({"same"}, "0")}),
                           std::move(other));
}

ComparisonContext context() {
    return {.origin = {.from = at("2026-06-01"),
                       .to = at("2026-07-01"),
                       .as_of = at("2026-07-02"),
                       .book_digest = "sha256:ab",
                       .log_size = 7,
                       .log_root = "cm9vdA=="},
            .period = "2026-06",
            .other = "2026-05",
            .other_during = {at("2026-05-01"), at("2026-06-01")}};
}

TEST_CASE("a percentage is of the other's magnitude, half-up to two digits", "[comparison]") {
    struct Row {
        std::string_view amount;
        std::string_view other;
        std::string_view difference;
        std::string_view percent;  // empty: none
    };
    for (const Row& row : {
             Row{"12", "8", "4", "50"},
             {"8", "12", "-4", "-33.33"},
             {"0", "3", "-3", "-100"},
             {"3", "0", "3", ""},
             {"0", "0", "0", ""},
             {"-1", "-4", "3", "75"},
             {"-4", "-1", "-3", "-300"},
             {"2", "-4", "6", "150"},
             {"1.00005", "1", "0.00005", "0.01"},
             {"1.00004", "1", "0.00004", "0"},
             {"0.99995", "1", "-0.00005", "-0.01"},
             {"1", "0.000000000003", "0.999999999997", "33333333333233.33"},
         }) {
        INFO(row.amount << " beside " << row.other);
        const Difference difference = difference_of(decimal(row.amount), decimal(row.other));
        CHECK(difference.amount == decimal(row.difference));
        CHECK(difference.percent.has_value() == !row.percent.empty());
        if (difference.percent && !row.percent.empty()) {
            CHECK(difference.percent->to_string() == row.percent);
        }
    }
}

TEST_CASE("a line that only one report has is compared with nothing", "[comparison]") {
    const Comparison comparison = sample_comparison();
    std::string told;
    for (const ComparedLine& line : comparison.lines) {
        CHECK(line.line.keys == line.other.keys);
        told += line.line.keys.front() + ' ' + line.other.cost.to_string() + ' ' +
                line.line.cost.to_string() + ' ' + line.difference.amount.to_string() + '\n';
    }
    CHECK(told ==
          "acme 8 10.004 2.004\ncredit -0.5 0.25 0.75\ngone 1.25 0 -1.25\nnew 0 3 3\n"
          "same 0 0 0\n");
    CHECK(comparison.difference.amount == decimal("4.504"));
    CHECK(compare_periods(tenant_report({}), tenant_report({})).lines.empty());
    CHECK(
        compare_periods(tenant_report({}), tenant_report({tenant_line({"a"}, "1")})).lines.size() ==
        1);
}

TEST_CASE("differences add up to that of the totals", "[comparison]") {
    const Comparison comparison = sample_comparison();
    Decimal sum;
    for (const ComparedLine& line : comparison.lines) {
        sum += line.difference.amount;
    }
    CHECK(sum == comparison.difference.amount);
    CHECK(sum == comparison.report.total - comparison.other.total);
}

TEST_CASE("keys of time are found wherever they are", "[comparison]") {
    CHECK(key_of_time({GroupKey::tenant, GroupKey::month}) == GroupKey::month);
    CHECK(key_of_time({GroupKey::day}) == GroupKey::day);
    CHECK(!key_of_time({GroupKey::tenant, GroupKey::rate}).has_value());
}

TEST_CASE("a comparison for people has both months side by side", "[comparison]") {
    CHECK(comparison_text(sample_comparison(), context(), 0) ==
          "tenant  2026-05  2026-06  difference  percent  currency\n"
          "acme          8   10.004       2.004    25.05  EUR\n"
          "credit     -0.5     0.25        0.75      150  EUR\n"
          "gone       1.25        0       -1.25     -100  EUR\n"
          "new           0        3           3           EUR\n"
          "same          0        0           0           EUR\n"
          "\n"
          "total    13.254 EUR, rounded 13.25\n"
          "2026-05  8.75 EUR, rounded 8.75\n"
          "differs  4.504 EUR, 51.47 %\n"
          "unrated  0 s; in 2026-05 60 s\n"
          "against  2026-05-01T00:00:00Z to 2026-06-01T00:00:00Z\n"
          "from     2026-06-01T00:00:00Z to 2026-07-01T00:00:00Z, days in UTC\n"
          "as of    2026-07-02T00:00:00Z\n"
          "book     sha256:ab\n"
          "log      7 records, root cm9vdA==\n");
    const std::string nothing = comparison_text(
        compare_periods(tenant_report({tenant_line({"a"}, "1")}), tenant_report({})), context(), 0);
    CHECK(nothing.find("differs  1 EUR\n") != std::string::npos);
}

TEST_CASE("a comparison's CSV has the columns of a report and more", "[comparison]") {
    CHECK(comparison_csv(sample_comparison()) ==
          "tenant,usage_seconds,billed_seconds,cost,currency,compared_usage_seconds,"
          "compared_billed_seconds,compared_cost,difference,percent\r\n"
          "acme,7200,3600,10.004,EUR,7200,3600,8,2.004,25.05\r\n"
          "credit,7200,3600,0.25,EUR,7200,3600,-0.5,0.75,150\r\n"
          "gone,0,0,0,EUR,7200,3600,1.25,-1.25,-100\r\n"
          "new,7200,3600,3,EUR,0,0,0,3,\r\n"
          "same,7200,3600,0,EUR,7200,3600,0,0,\r\n");
}

TEST_CASE("a comparison's JSON has the members of a report and more", "[comparison]") {
    const Comparison comparison = compare_periods(tenant_report({tenant_line({"a"}, "3")}),
                                                  tenant_report({tenant_line({"a"}, "2")}));
    CHECK(comparison_json(comparison, context()) ==
          R"({"from":"2026-06-01T00:00:00Z","to":"2026-07-01T00:00:00Z",)"
          R"("as_of":"2026-07-02T00:00:00Z","timezone":"UTC","currency":"EUR",)"
          R"("book":"sha256:ab","log":{"size":7,"root":"cm9vdA=="},"group_by":["tenant"],)"
          R"("lines":[{"tenant":"a","usage_seconds":"7200","billed_seconds":"3600","cost":"3",)"
          R"("compared":{"usage_seconds":"7200","billed_seconds":"3600","cost":"2"},)"
          R"("difference":"1","percent":"50"}],)"
          R"("unrated_seconds":"0","total":"3","total_rounded":"3",)"
          R"("compared":{"from":"2026-05-01T00:00:00Z","to":"2026-06-01T00:00:00Z",)"
          R"("unrated_seconds":"0","total":"2","total_rounded":"2"},)"
          R"("difference":"1","percent":"50"})"
          "\n");
    CHECK(
        comparison_jsonl(sample_comparison())
            .find(R"({"tenant":"new","usage_seconds":"7200","billed_seconds":"3600","cost":"3",)"
                  R"("currency":"EUR","compared_usage_seconds":"0","compared_billed_seconds":"0",)"
                  R"("compared_cost":"0","difference":"3","percent":null})"
                  "\n") != std::string::npos);
}

}  // namespace
}  // namespace dcm::billing
