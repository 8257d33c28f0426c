#include "billing/html_report.h"

#include "billing/html_chart.h"
#include "billing/html_text.h"
#include "case_book.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace dcm::billing {
namespace {

// U+202E, which turns the direction of what follows; never written as one literal.
const std::string kTurning = std::string("\xE2\x80") + "\xAE";

Report report_of(std::vector<GroupKey> keys, std::vector<ReportLine> lines) {
    Report report;
    report.timezone = "Europe/Berlin";
    report.currency = "EUR";
    report.group_by = std::move(keys);
    report.lines = std::move(lines);
    for (const ReportLine& line : report.lines) {
        report.total += line.cost;
    }
    report.total_rounded = report.total.rounded(2, Rounding::half_up);
    return report;
}

ReportLine line_of(std::vector<std::string> keys, std::string_view cost) {
    return {std::move(keys), Decimal(7'200), Decimal(7'200), decimal(cost)};
}

HtmlReport sample_report() {
    HtmlReport report;
    report.origin.from = parse_rfc3339("2026-04-30T22:00:00Z").value();
    report.origin.as_of = parse_rfc3339("2026-05-20T10:00:00Z").value();
    report.origin.book_digest = "sha256:ab";
    report.origin.log_size = 12;
    report.origin.log_root = "cm9vdA==";
    report.days = report_of({GroupKey::day},
                            {line_of({"2026-05-01"}, "1.2345"),
                             line_of({"2026-05-02"}, "-0.5"),
                             line_of({"2026-05-03"}, "3")});
    report.tenants = report_of(
        {GroupKey::tenant},
        {line_of({"acme & sons"}, "1.2345"), line_of({"<script>alert(1)</script>"}, "2.5")});
    report.providers = report_of({GroupKey::provider}, {line_of({kTurning + "txt"}, "3.7345")});
    report.service_types = report_of({GroupKey::service_type}, {line_of({"vm"}, "3.7345")});
    report.instances = report_of({GroupKey::service_type, GroupKey::instance},
                                 {line_of({"vm", "a"}, "1.2345"), line_of({"vm", "b"}, "2.5")});
    report.unrated.causes = {{"missing_rate", {{}, Decimal(60), {}}}};
    report.doubtful.causes = {{"clamped", {Decimal(30), {}, decimal("0.25")}}, {"silent", {}}};
    report.corrections = {{"2026-05", "acme & sons", "2026-04", 2, decimal("-0.024")}};
    report.checkpoint = "example/audit/1\n12\ncm9vdA==\n\n\xE2\x80\x94 example c2ln\n";
    return report;
}

TEST_CASE("a page is the golden file, byte for byte", "[html]") {
    std::ifstream file(std::string(DCM_SOURCE_DIR) + "/tests/golden/report.html", std::ios::binary);
    REQUIRE(file.good());
    const std::string golden((std::istreambuf_iterator<char>(file)), {});
    CHECK(report_html(sample_report()) == golden);
}

TEST_CASE("texts from outside are no markup and cannot turn what is shown", "[html]") {
    const std::string page = report_html(sample_report());
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
    CHECK(page.find("acme &amp; sons") != std::string::npos);
    CHECK(page.find(kTurning) == std::string::npos);
    CHECK(html_text("a\"b'c<d>&") == "a&quot;b&#39;c&lt;d&gt;&amp;");
}

TEST_CASE("what each tenant was billed for a closed month is on the page", "[html]") {
    HtmlReport report = sample_report();
    CHECK(report_html(report).find("Billed by tenant") == std::string::npos);
    report.days.billed = {{"2026-05",
                           parse_rfc3339("2026-06-03T00:00:00Z").value(),
                           "",
                           {{"acme & sons", decimal("3.4")}, {"globex", decimal("-1")}},
                           decimal("2.4")}};
    const std::string page = report_html(report);
    CHECK(page.find("Billed by tenant") != std::string::npos);
    CHECK(page.find(">3.40</td>") != std::string::npos);
    CHECK(page.find(">-1.00</td>") != std::string::npos);
    CHECK(page.find("in 2 statements") != std::string::npos);
}

TEST_CASE("a page asks for nothing from elsewhere", "[html]") {
    const std::string page = report_html(sample_report());
    for (const char* const word : {"http:", "https:", "src=", "href=", "url(", "@import"}) {
        INFO(word);
        CHECK(page.find(word) == std::string::npos);
    }
}

TEST_CASE("instances come by their cost, at most twenty", "[html]") {
    HtmlReport report = sample_report();
    std::vector<ReportLine> lines;
    for (int i = 0; i < 25; ++i) {
        lines.push_back(line_of({"vm", "i-" + std::to_string(i)}, std::to_string(i % 23)));
    }
    report.instances = report_of(report.instances.group_by, lines);
    const std::string page = report_html(report);
    CHECK(page.find("the 20 of the highest cost, of 25") != std::string::npos);
    CHECK(page.find("i-22<") < page.find("i-21<"));
    CHECK(page.find("i-0<") == std::string::npos);
}

TEST_CASE("a report of nothing is a page too", "[html]") {
    HtmlReport report;
    report.days = report_of({GroupKey::day}, {});
    report.tenants = report_of({GroupKey::tenant}, {});
    const std::string page = report_html(report);
    CHECK(page.find("<svg") == std::string::npos);
    CHECK(page.find("Nothing was charged.") != std::string::npos);
    CHECK(page.find("No checkpoint was signed yet.") != std::string::npos);
    CHECK(page.ends_with("</html>\n"));
}

TEST_CASE("bars stand on zero, to the hundredth of a pixel", "[html]") {
    const std::string chart =
        chart_svg({{"a", decimal("3")}, {"b", decimal("-1")}, {"c", Decimal()}}, "EUR");
    // Labels of two characters take 40 of 960 pixels; of 240 three quarters are above zero.
    CHECK(chart.find(R"(x="40" width="276" y="0" height="180")") != std::string::npos);
    CHECK(chart.find(R"(x="346.67" width="275.99" y="180" height="60")") != std::string::npos);
    CHECK(chart.find(R"(x="653.33" width="276" y="180" height="0")") != std::string::npos);
    CHECK(chart.find("<title>b: -1 EUR</title>") != std::string::npos);
    CHECK(chart.find(R"(<line class="zero" x1="40" x2="960" y1="180" y2="180"/>)") !=
          std::string::npos);
    CHECK(chart.find(R"(<text class="end" x="32" y="244">-1</text>)") != std::string::npos);
    CHECK(chart_svg({}, "EUR").empty());
    CHECK(chart_svg({{"a", Decimal()}}, "EUR").find("height=\"0\"") != std::string::npos);
}

TEST_CASE("a scale has round steps, at most seven lines, and zero", "[html]") {
    struct Row {
        std::string_view least;
        std::string_view largest;
        std::string_view scale;
    };
    for (const Row& row : {Row{"0", "6", "0 1 2 3 4 5 6 "},
                           {"0", "6.01", "0 2 4 6 "},
                           {"0", "4733.02", "0 1000 2000 3000 4000 "},
                           {"-0.5", "3", "0 1 2 3 "},
                           {"-7", "0", "-6 -4 -2 0 "},
                           {"0", "0.000123", "0 0.00005 0.0001 "},
                           {"0", "0", "0 "}}) {
        INFO(row.least << " to " << row.largest);
        std::string told;
        for (const Decimal& amount : scale_of(decimal(row.least), decimal(row.largest))) {
            told += amount.to_string() + ' ';
        }
        CHECK(told == row.scale);
    }
}

TEST_CASE("a day without cost has its place in the chart", "[html]") {
    HtmlReport report = sample_report();
    report.days =
        report_of({GroupKey::day}, {line_of({"2026-02-27"}, "1"), line_of({"2026-03-02"}, "2")});
    const std::string page = report_html(report);
    for (const char* const day :
         {"2026-02-27: 1", "2026-02-28: 0", "2026-03-01: 0", "2026-03-02: 2"}) {
        INFO(day);
        CHECK(page.find("<title>" + std::string(day) + " EUR</title>") != std::string::npos);
    }
}

TEST_CASE("labels that would run into each other or out of the chart are left out", "[html]") {
    for (std::size_t days = 1; days <= 400; ++days) {
        std::vector<ChartBar> bars(days, {"2026-05-01", decimal("1")});
        const std::string chart = chart_svg(bars, "EUR");
        std::size_t labels = 0;
        for (std::size_t at = chart.find("\"middle\""); at != std::string::npos;
             at = chart.find("\"middle\"", at + 1)) {
            ++labels;
        }
        INFO(days);
        CHECK(labels >= 1);
        CHECK(labels <= 5);
    }
}

TEST_CASE("a page says its month and what was chosen", "[html]") {
    HtmlReport report = sample_report();
    CHECK(report_html(report).find("<title>Cost report</title>") != std::string::npos);
    report.period = "2026-05";
    report.filters = {"tenant <b>", "state RUNNING"};
    const std::string page = report_html(report);
    CHECK(page.find("<title>Cost report 2026-05</title>") != std::string::npos);
    CHECK(page.find("<h1>Cost report 2026-05</h1>") != std::string::npos);
    CHECK(page.find("<p>only tenant &lt;b&gt;, state RUNNING</p>") != std::string::npos);
}

TEST_CASE("two months stand beside each other, with a total", "[html]") {
    HtmlReport report = sample_report();
    report.period = "2026-06";
    report.compared = {"2026-05",
                       report_of({GroupKey::tenant}, {line_of({"acme & sons"}, "2")}),
                       report_of({GroupKey::provider}, {}),
                       report_of({GroupKey::service_type}, {})};
    const std::string page = report_html(report);
    CHECK(page.find("in 2026-05 2.00 EUR; the difference is exactly 1.7345 EUR, 86.73 %") !=
          std::string::npos);
    CHECK(page.find(R"(<td data-name="tenant">acme &amp; sons</td>)"
                    R"(<td class="number" data-name="2026-05 in EUR">2</td>)"
                    R"(<td class="number" data-name="2026-06 in EUR">1.2345</td>)"
                    R"(<td class="number" data-name="difference">-0.7655</td>)"
                    R"(<td class="number" data-name="percent">-38.28</td>)") != std::string::npos);
    CHECK(page.find(R"(<td data-name="tenant">total</td>)"
                    R"(<td class="number" data-name="2026-05 in EUR">2</td>)"
                    R"(<td class="number" data-name="2026-06 in EUR">3.7345</td>)") !=
          std::string::npos);
}

TEST_CASE("unseen zeros make numbers of a column stand point below point", "[html]") {
    const std::string table = html_table(
        {"c", {{"n", true}, {"t"}}, {{"1.25", "1.25"}, {"7", "7"}, {"0.5", ""}, {"", ""}}, ""});
    CHECK(table.find(R"(<td class="number" data-name="n">1.25</td><td data-name="t">1.25</td>)") !=
          std::string::npos);
    CHECK(table.find(R"(<td class="number" data-name="n">7<span class="pad">.00</span></td>)"
                     R"(<td data-name="t">7</td>)") != std::string::npos);
    CHECK(table.find(R"(<td class="number" data-name="n">0.5<span class="pad">0</span></td>)") !=
          std::string::npos);
    CHECK(table.find(R"(<td class="number" data-name="n"></td>)") != std::string::npos);
}

}  // namespace
}  // namespace dcm::billing
