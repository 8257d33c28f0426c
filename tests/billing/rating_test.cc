#include "billing/rating.h"

#include "case_book.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>

namespace dcm::billing {
namespace {

using Lines = std::vector<std::string>;

constexpr std::int64_t kFar = std::numeric_limits<std::int64_t>::max();

constexpr std::string_view kHourly = R"(
  - {id: r, match: {service_type: vm, state: RUNNING}, price: "1", unit: hour}
)";

RatingBounds in_may(std::string_view as_of = "2026-07-01") {
    return {.shown = {at("2026-05-01"), at("2026-06-01")}, .as_of = at(as_of)};
}

TEST_CASE("an interval is shown as far as bounds and as_of reach", "[rating]") {
    struct Row {
        std::string_view start;
        std::string_view end;
        std::string_view as_of;
        Lines lines;
        std::string_view why;
    };
    for (const Row& row : {
             Row{"2026-05-02",
                 "2026-05-03",
                 "2026-07-01",
                 {"a unassigned r 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z 86400 24 24"},
                 "inside"},
             {"2026-05-02",
              "",
              "2026-05-02T06:00:00Z",
              {"a unassigned r 2026-05-02T00:00:00Z/2026-05-02T06:00:00Z 21600 6 6"},
              "open"},
             {"2026-05-02",
              "2026-05-03",
              "2026-05-02T06:00:00Z",
              {"a unassigned r 2026-05-02T00:00:00Z/2026-05-02T06:00:00Z 21600 6 6"},
              "what ended after as_of is cut there too"},
             {"2026-05-02", "", "2026-05-02", {}, "nothing before it began"},
             {"2026-04-01", "2026-05-01", "2026-07-01", {}, "ends as the report begins"},
             {"2026-04-30",
              "2026-05-01T00:00:00.000001Z",
              "2026-07-01",
              {"a unassigned r 2026-05-01T00:00:00Z/2026-05-01T00:00:00.000001Z 0.000001 "
               "0.000000000278 0.000000000278"},
              "a microsecond more"},
             {"2026-06-01", "", "2026-07-01", {}, "begins as the report ends"},
             {"2026-05-31T23:00:00Z",
              "",
              "2026-07-01",
              {"a unassigned r 2026-05-31T23:00:00Z/2026-06-01T00:00:00Z 3600 1 1"},
              "cut at the end"},
         }) {
        INFO(row.why);
        Fleet fleet;
        fleet.run("a", row.start, row.end);
        const Rated rated = rate_fleet(book_with(kHourly), fleet, in_may(row.as_of));
        CHECK(rated.lines == row.lines);
        CHECK(rated.unrated.empty());
    }
}

TEST_CASE("bounds open on both sides rate everything", "[rating]") {
    Fleet fleet;
    fleet.run("a", "2026-04-30T23:00:00Z", "2026-05-01T01:00:00Z");
    const Rated rated =
        rate_fleet(book_with(kHourly),
                   fleet,
                   {.shown = {Instant{-kFar}, Instant{kFar}}, .as_of = Instant{kFar}});
    CHECK(rated.lines ==
          Lines{"a unassigned r 2026-04-30T23:00:00Z/2026-05-01T00:00:00Z 3600 1 1",
                "a unassigned r 2026-05-01T00:00:00Z/2026-05-01T01:00:00Z 3600 1 1"});
}

TEST_CASE("a report that ends before it begins shows nothing", "[rating]") {
    Fleet fleet;
    fleet.run("a", "2026-05-02", "");
    const Rated rated =
        rate_fleet(book_with(kHourly),
                   fleet,
                   {.shown = {at("2026-06-01"), at("2026-05-01")}, .as_of = at("2026-07-01")});
    CHECK(rated.lines.empty());
    CHECK(rated.unrated.empty());
}

TEST_CASE("reports of parts add up to the report of the whole", "[rating]") {
    struct Row {
        std::string_view rate;
        std::string_view why;
    };
    for (
        const Row& row : {
            Row{R"(price: "0.7", unit: hour, granularity: 7m, minimum: 40m)", "rounded starts"},
            {R"(price: "1", unit: month, granularity: 1h)", "months"},
            {R"(unit: hour, free: "3", tiers: {mode: graduated, steps: [{up_to: "5", price: "1", flat: "2"}, {price: "0.3"}]})",
             "graduated"},
            {R"(unit: hour, tiers: {mode: volume, steps: [{up_to: "5", price: "2"}, {price: "1"}]}, discount: "12.5%")",
             "volume"},
            {R"(unit: hour, tiers: {mode: package, size: "2.5", price: "3"}, maximum_spend: "20")",
             "package"},
            {R"(unit: hour, price: "0.01", minimum_spend: "100")", "a minimum"},
        }) {
        INFO(row.why);
        const rules::RuleBook book =
            book_with("  - {id: r, match: {service_type: vm}, " + std::string(row.rate) + "}\n");
        Fleet fleet;
        fleet.run("a", "2026-04-29T05:00:00Z", "2026-05-03T01:02:03.000004Z");
        fleet.run("a", "2026-05-03T02:00:00Z", "2026-05-03T02:00:07Z");
        fleet.run("b", "2026-05-03T01:30:00Z", "");
        const Instant as_of = at("2026-05-09T12:00:00Z");
        const auto total = [&](std::string_view from, std::string_view to, bool by_day) {
            return rate_fleet(book, fleet, {{at(from), at(to)}, as_of, by_day}).total;
        };
        const Decimal whole = total("2026-05-01", "2026-06-01", false);
        CHECK(total("2026-05-01", "2026-06-01", true) == whole);
        CHECK(total("2026-05-01", "2026-05-03T01:31:00Z", false) +
                  total("2026-05-03T01:31:00Z", "2026-05-05T00:00:00.5Z", true) +
                  total("2026-05-05T00:00:00.5Z", "2026-06-01", false) ==
              whole);
        CHECK(!whole.is_zero());
    }
}

TEST_CASE("the order of start decides who uses up an allowance", "[rating]") {
    const rules::RuleBook book = book_with(R"(
  - {id: r, match: {service_type: vm}, price: "1", unit: hour, free: "3"}
)");
    Fleet fleet;
    fleet.run("a", "2026-05-02T00:00:00Z", "2026-05-02T02:00:00Z");
    fleet.run("b", "2026-05-01T00:00:00Z", "2026-05-01T02:00:00Z");
    fleet.run("c", "2026-05-02T00:00:00Z", "2026-05-02T02:00:00Z");
    CHECK(rate_fleet(book, fleet, in_may()).lines ==
          Lines{"b unassigned r 2026-05-01T00:00:00Z/2026-05-01T02:00:00Z 7200 2 0",
                "a unassigned r 2026-05-02T00:00:00Z/2026-05-02T02:00:00Z 7200 2 1",
                "c unassigned r 2026-05-02T00:00:00Z/2026-05-02T02:00:00Z 7200 2 2"});
    // A report that begins later counts what lies before and does not show it.
    CHECK(rate_fleet(
              book,
              fleet,
              {.shown = {at("2026-05-02T01:00:00Z"), at("2026-06-01")}, .as_of = at("2026-07-01")})
              .lines == Lines{"a unassigned r 2026-05-02T01:00:00Z/2026-05-02T02:00:00Z 3600 1 1",
                              "c unassigned r 2026-05-02T01:00:00Z/2026-05-02T02:00:00Z 3600 1 1"});
}

TEST_CASE("lines that share an allowance are the same whatever order instances come in",
          "[rating]") {
    const rules::RuleBook book = book_with(R"(
  - {id: r, match: {service_type: vm}, price: "1", unit: hour, free: "3"}
)");
    Fleet fleet;
    for (const std::string_view instance : {"a", "b", "c", "d"}) {
        fleet.run(instance, "2026-05-02T00:00:00Z", "2026-05-02T02:00:00Z");
        fleet.run(instance, "2026-05-03T00:00:00Z", "2026-05-03T01:00:00Z");
    }
    const Lines in_key_order = rate_fleet(book, fleet, in_may()).lines;
    CHECK(in_key_order.at(1) ==
          "b unassigned r 2026-05-02T00:00:00Z/2026-05-02T02:00:00Z 7200 2 1");
    std::sort(fleet.instances.begin(),
              fleet.instances.end(),
              [](const auto& left, const auto& right) { return right.first < left.first; });
    CHECK(rate_fleet(book, fleet, in_may()).lines == in_key_order);
}

TEST_CASE("every period and every tenant has an allowance of its own", "[rating]") {
    const rules::RuleBook book = book_with(
        R"(
  - {id: r, match: {service_type: vm}, price: "1", unit: hour, free: "1"}
)",
        "UTC",
        "service_type,instance,tenant,valid_from,valid_to\nvm,b,acme,2026-05-31T23:00:00Z,\n");
    Fleet fleet;
    fleet.run("a", "2026-05-31T22:00:00Z", "2026-06-01T02:00:00Z");
    fleet.run("b", "2026-05-31T22:00:00Z", "2026-06-01T02:00:00Z");
    const Rated rated = rate_fleet(
        book, fleet, {.shown = {at("2026-05-01"), at("2026-07-01")}, .as_of = at("2026-07-01")});
    CHECK(rated.lines ==
          Lines{"b acme r 2026-05-31T23:00:00Z/2026-06-01T00:00:00Z 3600 1 0",
                "b acme r 2026-06-01T00:00:00Z/2026-06-01T02:00:00Z 7200 2 1",
                "a unassigned r 2026-05-31T22:00:00Z/2026-06-01T00:00:00Z 7200 2 1",
                "b unassigned r 2026-05-31T22:00:00Z/2026-05-31T23:00:00Z 3600 1 1",
                "a unassigned r 2026-06-01T00:00:00Z/2026-06-01T02:00:00Z 7200 2 1"});
}

TEST_CASE("what is missing to the minimum spend goes to the last line of the period", "[rating]") {
    const rules::RuleBook book = book_with(R"(
  - {id: r, match: {service_type: vm}, price: "1", unit: hour, minimum_spend: "10"}
)");
    Fleet fleet;
    fleet.run("a", "2026-05-09T00:00:00Z", "2026-05-09T02:00:00Z");
    fleet.run("b", "2026-05-08T00:00:00Z", "2026-05-08T01:00:00Z");
    CHECK(rate_fleet(book, fleet, in_may()).total == decimal("10"));
    const auto until = [&](std::string_view to) {
        return rate_fleet(book, fleet, {{at("2026-05-01"), at(to)}, at("2026-07-01")}).total;
    };
    CHECK(until("2026-05-09T01:00:00Z") == decimal("2"));
    CHECK(until("2026-05-09T02:00:00Z") == decimal("10"));
    CHECK(rate_fleet(book, Fleet{}, in_may()).total.is_zero());
}

TEST_CASE("a tenant or label that changes cuts only where it matters", "[rating]") {
    const std::string_view resources =
        "service_type,instance,tenant,label:flavor,valid_from,valid_to\n"
        "vm,a,acme,small,,2026-05-02\n"
        "vm,a,acme,large,2026-05-02,2026-05-03\n"
        "vm,a,umbrella,large,2026-05-03,\n";
    Fleet fleet;
    fleet.run("a", "2026-05-01", "2026-05-04");
    // The rate does not look at the flavor: only the tenant cuts.
    CHECK(rate_fleet(book_with(kHourly, "UTC", resources), fleet, in_may()).lines ==
          Lines{"a acme r 2026-05-01T00:00:00Z/2026-05-03T00:00:00Z 172800 48 48",
                "a umbrella r 2026-05-03T00:00:00Z/2026-05-04T00:00:00Z 86400 24 24"});
    const rules::RuleBook by_flavor = book_with(
        R"(
  - {id: s, match: {labels: {flavor: small}}, price: "1", unit: hour}
  - {id: u, match: {tenant: umbrella}, price: "2", unit: hour}
)",
        "UTC",
        resources);
    const Rated rated = rate_fleet(by_flavor, fleet, in_may());
    CHECK(rated.lines ==
          Lines{"a acme s 2026-05-01T00:00:00Z/2026-05-02T00:00:00Z 86400 24 24",
                "a umbrella u 2026-05-03T00:00:00Z/2026-05-04T00:00:00Z 86400 24 48"});
    CHECK(rated.unrated == Lines{"a 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z"});
}

TEST_CASE("only what no meter charges is unrated, and only as far as it is shown", "[rating]") {
    const rules::RuleBook book = book_with(R"(
  - {id: c, meter: compute, match: {state: RUNNING}, price: "1", unit: hour, valid_from: 2026-05-02}
  - {id: s, meter: storage, match: {state: RUNNING}, price: "1", unit: hour, valid_to: 2026-05-03}
  - {id: x, meter: compute, match: {state: PAUSED}, price: "1", unit: hour}
)");
    Fleet fleet;
    fleet.run("a", "2026-05-01", "2026-05-04");
    CHECK(rate_fleet(book, fleet, in_may()).unrated.empty());
    fleet.instances[0].second[0].state = "STOPPED";
    CHECK(
        rate_fleet(book, fleet, {{at("2026-05-02"), at("2026-05-03")}, at("2026-07-01")}).unrated ==
        Lines{"a 2026-05-02T00:00:00Z/2026-05-03T00:00:00Z"});
}

TEST_CASE("a granularity longer than the interval bills one whole step", "[rating]") {
    rules::Rate rate;
    rate.granularity = Duration{std::numeric_limits<std::int64_t>::max()};
    CHECK(billed_until(rate, Instant{0}, Instant{0}) == Duration{0});
    CHECK(billed_until(rate, Instant{0}, Instant{1}) == rate.granularity);
    rules::Rate day;
    day.granularity = Duration{86'400 * kMicrosPerSecond};
    CHECK(billed_until(day, Instant{7}, Instant{7} + day.granularity) == day.granularity);
    CHECK(billed_until(day, Instant{7}, Instant{8} + day.granularity) ==
          Duration{2 * day.granularity.micros});
}

}  // namespace
}  // namespace dcm::billing
