#include "billing/book_difference.h"

#include "case_book.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace dcm::billing {
namespace {

constexpr std::string_view kCurrent = R"(
  - {id: old, meter: compute, match: {tenant: acme}, price: "0.5", unit: hour}
  - {id: all, meter: compute, price: "1", unit: hour}
)";
constexpr std::string_view kCandidate = R"(
  - {id: all, meter: compute, price: "0.75", unit: hour, granularity: 1h}
)";
constexpr std::string_view kOwnerOfA = "service_type,instance,tenant\nvm,a,acme\n";

// a (of acme) runs for 2 hours, b (of nobody) for 90 minutes.
Fleet fleet() {
    Fleet made;
    made.run("a", "2026-05-01T00:00:00Z", "2026-05-01T02:00:00Z");
    made.run("b", "2026-05-01T00:00:00Z", "2026-05-01T01:30:00Z");
    return made;
}

ReportOrigin origin(const std::string& digest) {
    return {.from = at("2026-05-01"),
            .to = std::nullopt,
            .as_of = at("2026-07-01"),
            .book_digest = digest,
            .log_size = 7,
            .log_root = "cm9vdA=="};
}

BookDifference compared(std::string_view current, std::string_view candidate) {
    const std::string keys = "tenant,meter,rate";
    const Report before = report_fleet(book_with(current, "UTC", kOwnerOfA), fleet(), keys);
    const Report after = report_fleet(book_with(candidate, "UTC", kOwnerOfA), fleet(), keys);
    const ReportOrigin before_origin = origin("sha256:aa");
    const ReportOrigin after_origin = origin("sha256:bb");
    return compare_reports({before, before_origin}, {after, after_origin});
}

}  // namespace

// Now: 2 × 0.5 = 1 for acme, 1.5 × 1 for the other. Then: 2 × 0.75 = 1.5 for each, as 90 minutes
// count for 2 hours.
TEST_CASE("books are compared by tenant, meter and rate", "[difference]") {
    const BookDifference difference = compared(kCurrent, kCandidate);
    CHECK(difference_csv(difference) ==
          "tenant,meter,rate,current_billed_seconds,current_cost,candidate_billed_seconds,"
          "candidate_cost,difference,currency\r\n"
          "acme,compute,all,,,7200,1.5,1.5,EUR\r\n"
          "acme,compute,old,7200,1,,,-1,EUR\r\n"
          "unassigned,compute,all,5400,1.5,7200,1.5,0,EUR\r\n");
    CHECK(difference.difference == decimal("0.5"));
    CHECK(difference.current.total == decimal("2.5"));
    CHECK(difference.candidate.total == decimal("3"));
}

TEST_CASE("what a candidate leaves without a rate is told", "[difference]") {
    const BookDifference difference =
        compared(kCurrent, "\n  - {id: acme, match: {tenant: acme}, price: \"1\", unit: hour}\n");
    CHECK(difference.current.unrated_seconds.is_zero());
    CHECK(difference.candidate.unrated_seconds == decimal("5400"));
    CHECK(difference.difference == decimal("-0.5"));
}

TEST_CASE("the same book makes no difference", "[difference]") {
    const BookDifference difference = compared(kCurrent, kCurrent);
    CHECK(difference.difference.is_zero());
    REQUIRE(difference.lines.size() == 2);
    for (const DifferenceLine& line : difference.lines) {
        CHECK(line.difference.is_zero());
    }
}

TEST_CASE("the table ends with both books' totals and their origin", "[difference]") {
    const std::string text = difference_text(compared(kCurrent, kCandidate), /*width=*/0);
    CHECK_THAT(text,
               Catch::EndsWith("\n"
                               "current    2.5 EUR, rounded 2.50, unrated 0 s\n"
                               "           2026-05-01T00:00:00Z to the end, days in UTC\n"
                               "           sha256:aa\n"
                               "candidate  3 EUR, rounded 3.00, unrated 0 s\n"
                               "           2026-05-01T00:00:00Z to the end, days in UTC\n"
                               "           sha256:bb\n"
                               "difference 0.5 EUR\n"
                               "as of      2026-07-01T00:00:00Z\n"
                               "log        7 records, root cm9vdA==\n"));
}

TEST_CASE("a comparison is told to programs as one object, or line by line", "[difference]") {
    const BookDifference difference = compared(kCurrent, kCandidate);
    const auto object = nlohmann::json::parse(difference_json(difference));
    CHECK(object["as_of"] == "2026-07-01T00:00:00Z");
    CHECK(object["currency"] == "EUR");
    CHECK(object["difference"] == "0.5");
    CHECK(object["log"] == nlohmann::json{{"size", 7}, {"root", "cm9vdA=="}});
    CHECK(object["current"] == nlohmann::json{{"book", "sha256:aa"},
                                              {"timezone", "UTC"},
                                              {"from", "2026-05-01T00:00:00Z"},
                                              {"to", nullptr},
                                              {"unrated_seconds", "0"},
                                              {"total", "2.5"},
                                              {"total_rounded", "2.5"}});
    CHECK(object["candidate"]["total"] == "3");
    REQUIRE(object["lines"].size() == 3);
    const nlohmann::json first{
        {"tenant", "acme"},
        {"meter", "compute"},
        {"rate", "all"},
        {"current", nullptr},
        {"candidate", {{"usage_seconds", "7200"}, {"billed_seconds", "7200"}, {"cost", "1.5"}}},
        {"difference", "1.5"}};
    CHECK(object["lines"][0] == first);
    const std::string lines = difference_jsonl(difference);
    CHECK(nlohmann::json::parse(lines.substr(0, lines.find('\n'))) == first);
    CHECK(std::count(lines.begin(), lines.end(), '\n') == 3);
}

}  // namespace dcm::billing
