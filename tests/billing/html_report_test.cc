#include "billing/html_report.h"

#include "billing/html_chart.h"
#include "billing/html_text.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace dcm::billing {
namespace {

// U+202E, which turns the direction of what follows; never written as one literal.
const std::string kTurning = std::string("\xE2\x80") + "\xAE";

Decimal decimal(std::string_view text) {
    return Decimal::parse(text).value();
}

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

HtmlReport sample() {
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
    CHECK(report_html(sample()) == golden);
}

TEST_CASE("texts from outside are no markup and cannot turn what is shown", "[html]") {
    const std::string page = report_html(sample());
    CHECK(page.find("<script") == std::string::npos);
    CHECK(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
    CHECK(page.find("acme &amp; sons") != std::string::npos);
    CHECK(page.find(kTurning) == std::string::npos);
    CHECK(html_text("a\"b'c<d>&") == "a&quot;b&#39;c&lt;d&gt;&amp;");
}

TEST_CASE("a page asks for nothing from elsewhere", "[html]") {
    const std::string page = report_html(sample());
    for (const char* const word : {"http:", "https:", "src=", "href=", "url(", "@import"}) {
        INFO(word);
        CHECK(page.find(word) == std::string::npos);
    }
}

TEST_CASE("instances come by their cost, at most twenty", "[html]") {
    HtmlReport report = sample();
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
    // Of 240 pixels three quarters are above zero.
    CHECK(chart.find("x=\"0\" width=\"288\" y=\"0\" height=\"180\"") != std::string::npos);
    CHECK(chart.find("x=\"320\" width=\"288\" y=\"180\" height=\"60\"") != std::string::npos);
    CHECK(chart.find("x=\"640\" width=\"288\" y=\"180\" height=\"0\"") != std::string::npos);
    CHECK(chart.find("<title>b: -1 EUR</title>") != std::string::npos);
    CHECK(chart_svg({}, "EUR").empty());
    CHECK(chart_svg({{"a", Decimal()}}, "EUR").find("height=\"0\"") != std::string::npos);
}

}  // namespace
}  // namespace dcm::billing
