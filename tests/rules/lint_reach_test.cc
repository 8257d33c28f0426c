#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

void lint_reach_only(const PlacedBook& of, Problems& problems) {
    static_cast<void>(lint_reach(of, problems));
}

// Each member list is a rate; the first stands in line 5, its id in column 10.
std::string rates(const std::vector<std::string>& all) {
    std::string text = "rates:\n";
    for (std::size_t i = 0; i < all.size(); ++i) {
        text += "  - {id: r" + std::to_string(i) + ", price: \"1\", unit: hour" +
                (all[i].empty() ? "" : ", " + all[i]) + "}\n";
    }
    return text;
}

void check_reach(const std::vector<std::string>& all, const std::vector<Expected>& expected) {
    check_warnings(lint_reach_only, rates(all), expected);
}

const std::string kBehind = "got \"r1\": \"r0\" before it always matches first";

}  // namespace

TEST_CASE("a rate behind one that takes all it matches is warned of", "[rules]") {
    for (const auto& [first, second] : std::vector<std::pair<std::string, std::string>>{
             {"", "match: {service_type: vm}"},
             {"", ""},
             {"match: {tenant: \"a*\"}", "match: {tenant: [acme, \"ab*\"], state: RUNNING}"},
             {"match: {provider: \"*\"}", "match: {}"},
             {"match: {state: [RUNNING, \"S*\"], service_type: vm}",
              "match: {state: STOPPED, service_type: \"v*\"}"},
             {"match: {labels: {f: \"m*\"}}", "match: {labels: {f: m1, g: x}}"},
             {"match: {instance: [a, b]}", "match: {instance: [b, a]}"},
             {"valid_from: 2026-01-01", "valid_from: 2026-02-01, valid_to: 2026-03-01"}}) {
        check_reach({first, second}, {{6, 10, kBehind}});
    }
}

TEST_CASE("a rate that something is left for is not warned of", "[rules]") {
    for (const auto& [first, second] : std::vector<std::pair<std::string, std::string>>{
             {"match: {service_type: vm}", ""},
             {"meter: a", "meter: b"},
             {"match: {tenant: acme}", "match: {tenant: \"acme*\"}"},
             {"match: {tenant: \"a*b\"}", "match: {tenant: \"a*\"}"},
             {"match: {labels: {f: m1}}", "match: {labels: {g: m1}}"},
             {"match: {labels: {f: \"*\"}}", ""},
             {"match: {state: RUNNING}", "match: {state: [RUNNING, STOPPED]}"},
             {"valid_to: 2026-02-01", "valid_to: 2026-02-02"},
             {"valid_from: 2026-02-01", "valid_from: 2026-01-31"},
             {"valid_to: 2026-02-01", ""}}) {
        check_reach({first, second}, {});
    }
}

TEST_CASE("several earlier rates may take together what a rate matches", "[rules]") {
    check_reach({"match: {tenant: a}", "match: {tenant: b}", "match: {tenant: [a, b]}"},
                {{7, 10, "got \"r2\": \"r0\", \"r1\" before it"}});
    check_reach({"match: {tenant: a}", "match: {tenant: b}", "match: {tenant: [a, b, c]}"}, {});
    check_reach({"valid_to: 2026-02-01", "valid_from: 2026-01-01", "match: {state: RUNNING}"},
                {{7, 10, "got \"r2\": \"r0\", \"r1\" before it"}});
    check_reach({"valid_to: 2026-02-01", "valid_from: 2026-02-02", "match: {state: RUNNING}"}, {});
    check_reach({"match: {state: RUNNING}", "match: {state: [STOPPED, PAUSED, ACTIVE]}", ""},
                {{7, 10, "\"r0\", \"r1\" before it"}});
    check_reach({"match: {state: RUNNING}", "match: {state: [STOPPED, PAUSED]}", ""}, {});
}

TEST_CASE("a rate for what no lifecycle charges is warned of", "[rules]") {
    check_reach({"match: {service_type: vm, state: RUNING}"},
                {{5, 45, "got \"r0\", whose state is \"RUNING\"; did you mean \"RUNNING\"?"}});
    check_reach({"match: {service_type: vm, state: CREATING}"},
                {{5, 45, "; known: PAUSED, RUNNING, STOPPED"}});
    check_reach({"match: {service_type: vm, state: running}"},
                {{5, 45, "whose state is \"running\"; did you mean \"RUNNING\"?"}});
    check_reach({"match: {service_type: vms, state: running}"},
                {{5, 45, "got \"r0\", whose service_type is \"vms\"; did you mean \"vm\"?"}});
    check_reach({"match: {service_type: gpu}"},
                {{5, 45, "; known: cluster, container, database,"}});
    check_reach({"match: {state: \"RUN*\"}"}, {});
}

TEST_CASE("which rates are out of reach is told to whoever asks", "[rules]") {
    std::vector<bool> unreachable;
    const std::vector<Problem> problems = lint_with(
        [&unreachable](const PlacedBook& of, Problems& all) { unreachable = lint_reach(of, all); },
        rates({"match: {tenant: a}", "match: {tenant: a}", ""}));
    CHECK(problems.size() == 1);
    CHECK(unreachable == std::vector<bool>{false, true, false});
}

// Rates without number must not make `rules check` work without end.
TEST_CASE("comparing rates has a limit, which is told", "[rules]") {
    std::string list;
    for (int i = 0; i < 40; ++i) {
        list += "t" + std::to_string(i) + ", ";
    }
    // Every rate is covered except for its last tenant, found last: 41 parts in one state.
    std::vector<std::string> all(350,
                                 "match: {service_type: network, tenant: [" + list + "\"x*\"]}");
    all.front() = "match: {service_type: network, tenant: [" + list + "y]}";
    const std::vector<Problem> problems = lint_with(lint_reach_only, rates(all));
    const std::string told = "expected at most " + std::to_string(kReachComparisonsMax) +
                             " comparisons of rates; whether an interval can reach this one and "
                             "those after it was not looked at";
    REQUIRE_FALSE(problems.empty());
    CHECK(problems.back().message == told);
}

}  // namespace dcm::rules
