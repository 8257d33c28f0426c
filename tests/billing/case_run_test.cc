#include "billing/case_run.h"

#include "billing/render_cases.h"
#include "rules/parse.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace dcm::billing {
namespace {

constexpr std::string_view kRates = R"(
lifecycle:
  vm: {providers: {west: {STOPPED: {charge: RUNNING}}}}
resources: [{file: owners.csv}]
rates:
  - {id: acme, meter: compute, match: {state: RUNNING, tenant: acme}, price: "0.02", unit: hour}
  - {id: c, meter: compute, match: {state: RUNNING}, price: "0.0008", unit: minute, minimum: 60s}
  - {id: d, meter: disk, match: {service_type: vm, state: RUNNING}, price: "0.5", unit: hour}
)";

struct Told {
    std::string zone = "UTC";
    std::string members;  // of the one case, beside name, service_type and period
    std::string events;   // `TIME STATUS` each
};

rules::RuleBook book_of(const Told& told) {
    const std::vector<rules::BookFile> files{
        {"book.yaml",
         "version: 1\ncurrency: EUR\ntimezone: " + told.zone + std::string(kRates) +
             "cases:\n  - name: one\n    period: 2026-05\n    events: [" + told.events + "]\n    " +
             told.members + "\n"}};
    const std::vector<rules::BookFile> owners{
        {"owners.csv", "service_type,instance,tenant\nvm,a,acme\n"}};
    rules::ParsedBook parsed = rules::parse_book(files, owners);
    for (const rules::Problem& problem : parsed.problems) {
        UNSCOPED_INFO(rules::format_problem(problem));
    }
    REQUIRE(parsed.book);
    return std::move(*parsed.book);
}

CaseResult run(const Told& told) {
    const rules::RuleBook book = book_of(told);
    return run_case(book, book.cases.at(0));
}

std::string event(const std::string& time, const std::string& status) {
    return "{time: " + time + ", status: \"" + status + "\"}, ";
}

const std::string kSevenSeconds =
    event("2026-05-01T10:00:00Z", "RUNNING") + event("2026-05-01T10:00:07Z", "STOPPED");

// "meter expected cost rounded passes", meter by meter.
std::vector<std::string> texts(const CaseResult& result) {
    std::vector<std::string> all;
    for (const CaseMeter& meter : result.meters) {
        all.push_back(meter.meter + ' ' + meter.expected.value_or("-") + ' ' +
                      meter.cost.to_string() + ' ' + meter.rounded +
                      (meter.passes ? " ok" : " no"));
    }
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

// A minute costs 0.0008; the disk has no minimum: 7/3600 = 0.001944444444 of 0.5.
TEST_CASE("a case is judged by the decimals that it writes", "[case]") {
    struct Row {
        std::string expect;
        Texts meters;
        bool passes = true;
    };
    const std::string disk = "disk - 0.000972222222 0.000972222222 ok";
    for (const Row& row : {
             Row{"{compute: \"0.0008\"}", {"compute 0.0008 0.0008 0.0008 ok", disk}},
             {"{compute: \"0.00080\"}", {"compute 0.00080 0.0008 0.0008 ok", disk}},
             {"{compute: \"0.0009\"}", {"compute 0.0009 0.0008 0.0008 no", disk}, false},
             {"{compute: \"0\"}", {"compute 0 0.0008 0 ok", disk}},
             {"{compute: \"0.001\", disk: \"0.00097\"}",
              {"compute 0.001 0.0008 0.001 ok", "disk 0.00097 0.000972222222 0.00097 ok"}},
             {"{none: \"0\"}", {"compute - 0.0008 0.0008 ok", disk, "none 0 0 0 ok"}},
             {"{none: \"1\"}", {"compute - 0.0008 0.0008 ok", disk, "none 1 0 0 no"}, false},
         }) {
        INFO(row.expect);
        const CaseResult result = run({.zone = "UTC",
                                       .members = "service_type: vm\n    expect: " + row.expect,
                                       .events = kSevenSeconds});
        CHECK(texts(result) == row.meters);
        CHECK(result.passes() == row.passes);
    }
}

TEST_CASE("half of the last digit rounds away from zero", "[case]") {
    const std::string hour =
        event("2026-05-01T10:00:00Z", "RUNNING") + event("2026-05-01T11:00:00Z", "STOPPED");
    for (const auto& [expected, passes] :
         std::vector<std::pair<std::string, bool>>{{"1", true}, {"0", false}, {"0.5", true}}) {
        CHECK(run({.zone = "UTC",
                   .members = "service_type: vm\n    expect: {disk: \"" + expected + "\"}",
                   .events = hour})
                  .passes() == passes);
    }
}

TEST_CASE("a case counts its month in the zone of the book, to the end", "[case]") {
    const std::string members = "service_type: container\n    expect: {compute: \"0\"}";
    const std::string across =
        event("2026-04-30T20:00:00Z", "RUNNING") + event("2026-05-01T02:00:00Z", "FAILED");
    // From midnight: 2 hours in UTC, 4 in Berlin.
    CHECK(texts(run({"UTC", members, across})) == Texts{"compute 0 0.096 0 ok"});
    CHECK(texts(run({"Europe/Berlin", members, across})) == Texts{"compute 0 0.192 0 ok"});
    // One that nothing ends runs to the end of the month: 24 hours.
    CHECK(texts(run({"UTC", members, event("2026-05-31T00:00:00Z", "RUNNING")})) ==
          Texts{"compute 0 1.152 1 no"});
}

TEST_CASE("a case may name its provider and an instance of the resource files", "[case]") {
    const std::string stopped =
        event("2026-05-01T10:00:00Z", "STOPPED") + event("2026-05-01T12:00:00Z", "DELETED");
    const std::string expect = "service_type: vm\n    expect: {compute: \"0.0\"}";
    CHECK(texts(run({"UTC", expect, stopped})) == Texts{"compute 0.0 0 0 ok"});
    CHECK(run({"UTC", expect, stopped}).unrated_seconds == Decimal(7'200));
    // 2 hours of 0.048, and of 0.02 for a's tenant.
    CHECK(texts(run({"UTC", expect + "\n    provider: west", stopped})).front() ==
          "compute 0.0 0.096 0.1 no");
    CHECK(texts(run({"UTC", expect + "\n    provider: west\n    instance: a", stopped})).front() ==
          "compute 0.0 0.04 0 ok");
}

TEST_CASE("a status is read as from a provider, and an unknown one fails the case", "[case]") {
    const std::string expect = "service_type: vm\n    expect: {disk: \"0.5\"}";
    CHECK(run({"UTC",
               expect,
               event("2026-05-01T10:00:00Z", " running\\t") +
                   event("2026-05-01T11:00:00Z", "Stopped")})
              .passes());
    const CaseResult unknown =
        run({"UTC",
             expect,
             event("2026-05-01T10:00:00Z", "RUNNING") + event("2026-05-01T10:30:00Z", "RUNING") +
                 event("2026-05-01T11:00:00Z", "STOPPED")});
    CHECK(unknown.unknown_statuses == Texts{"RUNING"});
    CHECK(texts(unknown).back() == "disk 0.5 0.5 0.5 ok");
    CHECK_FALSE(unknown.passes());
}

TEST_CASE("a case of a service type without a lifecycle says why nothing is charged", "[case]") {
    const rules::RuleBook book = book_of(
        {.members = "service_type: vmm\n    expect: {compute: \"0.10\"}", .events = kSevenSeconds});
    const CaseResult result = run_case(book, book.cases[0]);
    CHECK(result.type_without_lifecycle == "vmm");
    CHECK_FALSE(result.passes());
    CHECK_THAT(cases_text({{"one", "b.yaml:9:5", result}}),
               Catch::Contains("no lifecycle has the service type \"vmm\": it is never charged"));
    CHECK_THAT(cases_json({{"one", "b.yaml:9:5", result}}, "sha256:ab"),
               Catch::Contains("\"type_without_lifecycle\":\"vmm\""));
}

// What is stopped has no rate: 31 days less 10 hours and 7 seconds.
TEST_CASE("the results of cases are told for people and for programs", "[case]") {
    const rules::RuleBook book =
        book_of({.zone = "UTC",
                 .members = "service_type: vm\n    expect: {compute: \"0.001\", disk: \"0.1\"}",
                 .events = kSevenSeconds + event("2026-05-01T10:00:08Z", "ODD\\n")});
    const std::vector<RanCase> cases{{"good", "b.yaml:9:5", {}},
                                     {"one\nmore", "b.yaml:10:5", run_case(book, book.cases[0])}};
    CHECK(cases_text(cases) ==
          "ok    good\n"
          "FAIL  one more  (b.yaml:10:5)\n"
          "  the service type does not know the status \"ODD \"\n"
          "  meter    expected    got\n"
          "  compute     0.001  0.001  as expected, exactly 0.0008\n"
          "  disk          0.1      0  differs, exactly 0.000972222222\n"
          "  unrated: 2642393 s\n"
          "2 cases, 1 failed\n");
    CHECK(cases_text({}) == "the book has no cases\n");
    const auto told = nlohmann::json::parse(cases_json(cases, "sha256:ab"));
    CHECK(told["book"] == "sha256:ab");
    CHECK(told["count"] == 2);
    CHECK(told["failed"] == 1);
    CHECK(told["cases"][0] == nlohmann::json{{"name", "good"},
                                             {"place", "b.yaml:9:5"},
                                             {"passes", true},
                                             {"meters", nlohmann::json::array()},
                                             {"unrated_seconds", "0"},
                                             {"unknown_statuses", nlohmann::json::array()},
                                             {"type_without_lifecycle", nullptr}});
    CHECK(told["cases"][1]["unknown_statuses"] == nlohmann::json{"ODD\n"});
    CHECK(told["cases"][1]["meters"][1] == nlohmann::json{{"meter", "disk"},
                                                          {"expected", "0.1"},
                                                          {"got", "0"},
                                                          {"cost", "0.000972222222"},
                                                          {"passes", false}});
}

}  // namespace dcm::billing
