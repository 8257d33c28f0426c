#include "tests/rules/support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {

TEST_CASE("a case is read as it is written", "[rules]") {
    const RuleBook book =
        book_of(with_head("cases:\n"
                          "  - name: a minute at least\n"
                          "    service_type: vm\n"
                          "    provider: p1\n"
                          "    events: [{time: 2026-05-01T10:00:00Z, status: RUNNING}, {time: "
                          "2026-05-01T12:00:07+02:00, status: stopped}]\n"
                          "    period: 2026-05\n"
                          "    expect: {compute: \"0.00080\", credit: \"-1\"}\n"));
    REQUIRE(book.cases.size() == 1);
    const Case& example = book.cases.front();
    CHECK(example.name == "a minute at least");
    CHECK(example.service_type == "vm");
    CHECK(example.provider == "p1");
    REQUIRE(example.events.size() == 2);
    CHECK(example.events[0].time == parse_rfc3339("2026-05-01T10:00:00Z").value());
    CHECK(example.events[0].status == "RUNNING");
    CHECK(example.events[1].time == parse_rfc3339("2026-05-01T10:00:07Z").value());
    CHECK(example.events[1].status == "stopped");
    CHECK(example.period == CivilDate{2026, 5, 1});
    // As written: it says to how many decimals they are compared.
    CHECK(example.expect ==
          std::map<std::string, std::string>{{"compute", "0.00080"}, {"credit", "-1"}});
}

TEST_CASE("what is wrong with a case is told with its place", "[rules]") {
    check_problems(with_head("cases: [{}]\n"),
                   {{4, 9, "key \"name\""},
                    {4, 9, "key \"service_type\""},
                    {4, 9, "key \"events\""},
                    {4, 9, "key \"period\""},
                    {4, 9, "key \"expect\""}});
    check_problems(with_head("cases: [x]\n"), {{4, 9, "a case, which is a map"}});
    const auto with = [](const std::string& changed) {
        return with_head("cases:\n  - {name: n, service_type: vm, " + changed + "}\n");
    };
    check_problems(with("events: {}, period: 2026-05, expect: {}"), {{5, 41, "a list of events"}});
    check_problems(with("events: [x], period: 2026-05, expect: {}"), {{5, 42, "an event"}});
    check_problems(with("events: [{}], period: 2026-05, expect: {}"),
                   {{5, 42, "key \"time\""}, {5, 42, "key \"status\""}});
    check_problems(with("events: [{time: 2026-05-01, status: A}], period: 2026-05, expect: {}"),
                   {{5, 49, "an RFC 3339 time"}});
    check_problems(
        with("events: [{time: 2026-05-01T00:00:00Z, state: A}], period: 2026-05, expect: {}"),
        {{5, 42, "key \"status\""}, {5, 71, "unknown key \"state\""}});
    check_problems(with("events: [], period: 2026-05-01, expect: {}"), {{5, 53, "a month"}});
    check_problems(with("events: [], period: 2026-13, expect: {}"), {{5, 53, "a month"}});
    check_problems(with("events: [], period: 2026-05, expect: []"), {{5, 70, "a map of meters"}});
    check_problems(with("events: [], period: 2026-05, expect: {m: 1}"), {{5, 74, "write \"1\""}});
    check_problems(with("events: [], period: 2026-05, expect: {}, expected: {}"),
                   {{5, 74, "did you mean \"expect\"?"}});
}

}  // namespace dcm::rules
