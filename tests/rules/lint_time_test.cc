#include "tests/rules/lint_support.h"

#include <catch2/catch.hpp>

namespace dcm::rules {
namespace {

void lint_time_only(const PlacedBook& of, Problems& problems) {
    lint_time(of, std::vector<bool>(of.book.rates.size(), false), problems);
}

// A rate; the first of a book stands in line 5.
std::string rate(const std::string& id, const std::string& members) {
    return "  - {id: " + id + ", price: \"1\", unit: hour" + (members.empty() ? "" : ", ") +
           members + "}\n";
}

}  // namespace

TEST_CASE("the version at the end of an id is told from the rest", "[rules]") {
    for (const auto& [id, prefix] :
         std::vector<std::pair<std::string, std::string>>{{"vm-2026h2", "vm"},
                                                          {"vm-2026-07", "vm"},
                                                          {"vm-2026-07-01", "vm"},
                                                          {"vm@3", "vm"},
                                                          {"vm.v2", "vm"},
                                                          {"vm:V2", "vm"},
                                                          {"vm2", "vm"},
                                                          {"vm-small-v1", "vm-small"},
                                                          {"vm", ""},
                                                          {"vm-old", ""},
                                                          {"vm-very", ""},
                                                          {"2026", ""},
                                                          {"-1", "-"},
                                                          {"", ""}}) {
        INFO(id);
        CHECK(unversioned_id(id) == prefix);
    }
}

TEST_CASE("a gap between versions of one price is warned of", "[rules]") {
    // 01:00 in Berlin is no first instant of a date.
    check_warnings(lint_time_only,
                   "rates:\n" + rate("vm-2", "valid_from: 2026-08-01") +
                       rate("vm-1", "valid_to: 2026-07-01T00:00:00Z"),
                   {{5,
                     52,
                     "the id prefix \"vm\" to follow each other without a gap, got one between "
                     "\"vm-1\" and \"vm-2\": from 2026-07-01T00:00:00Z to 2026-08-01"}});
    check_warnings(lint_time_only,
                   "rates:\n" + rate("vm-1", "valid_to: 2026-07-01") +
                       rate("vm-2", "valid_from: 2026-07-01, valid_to: 2026-08-01") +
                       rate("vm-3", "valid_from: 2026-08"),
                   {});
}

TEST_CASE("an overlap of versions of one price is warned of", "[rules]") {
    check_warnings(lint_time_only,
                   "rates:\n" + rate("vm-1", "") + rate("vm-2", "valid_from: 2026-07-01"),
                   {{6,
                     52,
                     "without an overlap, got one of \"vm-1\" and \"vm-2\": from 2026-07-01 to "
                     "the end of time, where \"vm-1\" wins"}});
    // The version that lasts longest is compared with what comes after.
    check_warnings(lint_time_only,
                   "rates:\n" + rate("vm-1", "valid_to: 2026-09-01") +
                       rate("vm-2", "valid_from: 2026-07-01, valid_to: 2026-08-01") +
                       rate("vm-3", "valid_from: 2026-08-15"),
                   {{6, 52, "from 2026-07-01 to 2026-08-01, where \"vm-1\" wins"},
                    {7, 52, "of \"vm-1\" and \"vm-3\": from 2026-08-15 to 2026-09-01"}});
    check_warnings(lint_time_only,
                   "rates:\n" + rate("vm-old", "valid_to: 2026-09-01") +
                       rate("vm-new", "valid_to: 2026-08-01"),
                   {{6, 10, "from the beginning to 2026-08-01, where \"vm-old\" wins"}});
}

TEST_CASE("rates of different things are no versions of one price", "[rules]") {
    const std::string early = "valid_to: 2026-07-01";
    const std::string late = "valid_from: 2026-08-01";
    for (const auto& [first, second] : std::vector<std::pair<std::string, std::string>>{
             {rate("vm-1", early), rate("db-2", late)},
             {rate("vm-1", early), rate("vm-2", late + ", meter: disk")},
             {rate("vm-1", early), rate("vm-2", late + ", match: {state: RUNNING}")},
             {rate("vm-1", early + ", match: {labels: {a: b}}"),
              rate("vm-2", late + ", match: {labels: {b: a}}")},
             {rate("vm", early), rate("db", late)}}) {
        std::string book = "rates:\n";
        book += first;
        book += second;
        check_warnings(lint_time_only, book, {});
    }
    // The order of a list means nothing.
    check_warnings(lint_time_only,
                   "rates:\n" + rate("vm-1", early + ", match: {state: [A, B]}") +
                       rate("vm-2", late + ", match: {state: [B, A]}"),
                   {{6, 52, "without a gap"}});
}

TEST_CASE("a rate out of reach is no version", "[rules]") {
    check_warnings(
        [](const PlacedBook& of, Problems& problems) {
            lint_time(of, {true, false}, problems);
        },
        "rates:\n" + rate("vm-1", "") + rate("vm-2", ""),
        {});
}

}  // namespace dcm::rules
