#include "billing/report.h"

#include "billing/render_report.h"
#include "case_book.h"

#include <catch2/catch.hpp>

namespace dcm::billing {
namespace {

constexpr std::string_view kTwoMeters = R"(
  - {id: c, meter: compute, match: {state: RUNNING}, price: "0.5", unit: hour, valid_from: 2026-05-01}
  - {id: s, meter: storage, match: {state: RUNNING}, unit: hour, free: "1", price: "0.1", valid_from: 2026-05-01}
)";

Fleet two_instances() {
    Fleet fleet;
    fleet.run("B", "2026-05-01T23:00:00Z", "2026-05-02T02:00:00Z");
    fleet.run("a", "2026-04-30T22:00:00Z", "2026-05-01T01:00:00Z");
    return fleet;
}

ReportOrigin origin() {
    return {.from = at("2026-05-01"),
            .to = std::nullopt,
            .as_of = at("2026-07-01"),
            .book_digest = "sha256:ab",
            .log_size = 7,
            .log_root = "cm9vdA=="};
}

TEST_CASE("lines are grouped by the keys in the order asked for", "[report]") {
    struct Row {
        std::string_view group_by;
        std::string csv;
    };
    for (const Row& row : {
             Row{"", "usage_seconds,billed_seconds,cost,currency\r\n28800,28800,2.3,EUR\r\n"},
             {"meter",
              "meter,usage_seconds,billed_seconds,cost,currency\r\ncompute,14400,14400,2,EUR\r\n"
              "storage,14400,14400,0.3,EUR\r\n"},
             {"instance,rate",
              "instance,rate,usage_seconds,billed_seconds,cost,currency\r\n"
              "B,c,10800,10800,1.5,EUR\r\nB,s,10800,10800,0.3,EUR\r\n"
              "a,c,3600,3600,0.5,EUR\r\na,s,3600,3600,0,EUR\r\n"},
             {"day,instance",
              "day,instance,usage_seconds,billed_seconds,cost,currency\r\n"
              "2026-05-01,B,7200,7200,0.6,EUR\r\n2026-05-01,a,7200,7200,0.5,EUR\r\n"
              "2026-05-02,B,14400,14400,1.2,EUR\r\n"},
             {"tenant,provider,service_type,state,month",
              "tenant,provider,service_type,state,month,usage_seconds,billed_seconds,cost,"
              "currency\r\n"
              "unassigned,p,vm,RUNNING,2026-05,28800,28800,2.3,EUR\r\n"},
         }) {
        INFO(row.group_by);
        const Report report = report_fleet(book_with(kTwoMeters), two_instances(), row.group_by);
        CHECK(report_csv(report) == row.csv);
        CHECK(report.total == decimal("2.3"));
        CHECK(report.unrated_seconds == decimal("7200"));
    }
}

TEST_CASE("a filter chooses lines and changes no amount", "[report]") {
    const rules::RuleBook book = book_with(kTwoMeters);
    const auto total = [&](const LineFilter& filter) {
        const Report report = report_fleet(book, two_instances(), "instance", filter);
        return report.total.to_string() + " unrated " + report.unrated_seconds.to_string();
    };
    LineFilter filter;
    CHECK(total(filter) == "2.3 unrated 7200");
    // The allowance was used up by a, which is not shown.
    filter.instance = "B";
    CHECK(total(filter) == "1.8 unrated 0");
    filter.instance = "a";
    CHECK(total(filter) == "0.5 unrated 7200");
    filter = {};
    filter.tenant = "unassigned";
    filter.provider = "p";
    filter.service_type = "vm";
    filter.state = "RUNNING";
    CHECK(total(filter) == "2.3 unrated 7200");
    for (std::optional<std::string> LineFilter::*member : {&LineFilter::tenant,
                                                           &LineFilter::provider,
                                                           &LineFilter::service_type,
                                                           &LineFilter::state,
                                                           &LineFilter::instance}) {
        LineFilter other;
        other.*member = "other";
        CHECK(total(other) == "0 unrated 0");
    }
}

TEST_CASE("a report is one JSON object with decimals as strings", "[report]") {
    const Report report = report_fleet(book_with(kTwoMeters), two_instances(), "instance");
    CHECK(report_json(report, origin()) ==
          R"({"from":"2026-05-01T00:00:00Z","to":null,"as_of":"2026-07-01T00:00:00Z",)"
          R"("timezone":")" +
              report.timezone +
              R"(","currency":"EUR","book":"sha256:ab","log":{"size":7,"root":"cm9vdA=="},)"
              R"("group_by":["instance"],"lines":[)"
              R"({"instance":"B","usage_seconds":"21600","billed_seconds":"21600","cost":"1.8"},)"
              R"({"instance":"a","usage_seconds":"7200","billed_seconds":"7200","cost":"0.5"}],)"
              R"("unrated_seconds":"7200","total":"2.3","total_rounded":"2.3"})"
              "\n");
    CHECK(
        report_jsonl(report) ==
        R"({"instance":"B","usage_seconds":"21600","billed_seconds":"21600","cost":"1.8","currency":"EUR"})"
        "\n"
        R"({"instance":"a","usage_seconds":"7200","billed_seconds":"7200","cost":"0.5","currency":"EUR"})"
        "\n");
}

TEST_CASE("a report for people ends with its total and what it was computed from", "[report]") {
    const Report report = report_fleet(book_with(kTwoMeters), two_instances(), "instance");
    CHECK(report_text(report, origin(), 0) ==
          "instance  usage_seconds  billed_seconds  cost  currency\n"
          "B                 21600           21600   1.8  EUR\n"
          "a                  7200            7200   0.5  EUR\n"
          "\n"
          "total    2.3 EUR, rounded 2.30\n"
          "unrated  7200 s\n"
          "from     2026-05-01T00:00:00Z to the end, days in " +
              report.timezone +
              "\n"
              "as of    2026-07-01T00:00:00Z\n"
              "book     sha256:ab\n"
              "log      7 records, root cm9vdA==\n");
}

TEST_CASE("a statement total is rounded once, halves away from zero", "[report]") {
    struct Row {
        std::string price;
        std::string_view rounded;
    };
    for (const Row& row :
         {Row{"0.005", "0.01"}, {"0.00499", "0"}, {"2.675", "2.68"}, {"-0.005", "-0.01"}}) {
        Fleet fleet;
        fleet.run("a", "2026-05-01T00:00:00Z", "2026-05-01T01:00:00Z");
        const rules::RuleBook book = book_with(
            "  - {id: r, match: {service_type: vm}, unit: hour, "
            "allow_negative: true, price: \"" +
            row.price + "\"}\n");
        const Report report = report_fleet(book, fleet, "instance");
        CHECK(report.total == decimal(row.price));
        CHECK(report.total_rounded == decimal(row.rounded));
    }
}

TEST_CASE("a list of group keys is read, and what is wrong in it is named", "[report]") {
    CHECK(value_or_throw(parse_group_by("service_type,provider")) ==
          std::vector{GroupKey::service_type, GroupKey::provider});
    CHECK(value_or_throw(parse_group_by("")).empty());
    CHECK(value_or_throw(
              parse_group_by("tenant,provider,service_type,instance,meter,rate,state,day,month"))
              .size() == 9);
    for (const std::string_view text :
         {"service-type", "tenant,", ",tenant", "tenant,tenant", "tenant, rate", "Tenant"}) {
        INFO(text);
        const Result<std::vector<GroupKey>> keys = parse_group_by(text);
        REQUIRE(!keys.ok());
        CHECK(keys.error().kind == ErrorKind::usage);
        CHECK(keys.error().message.find("service_type") != std::string::npos);
    }
    CHECK(parse_group_by("tenent").error().message.find("did you mean tenant?") !=
          std::string::npos);
}

}  // namespace
}  // namespace dcm::billing
