#include "base/zone.h"

#include <catch2/catch.hpp>

namespace dcm {
namespace {

Zone zone(std::string_view name) {
    return value_or_throw(Zone::find(name));
}

std::int64_t hours_of(std::string_view name, CivilDate day) {
    const Zone there = zone(name);
    return (there.start_of(next_day(day)) - there.start_of(day)).micros /
           (3'600 * kMicrosPerSecond);
}

TEST_CASE("a day begins at its first instant, whatever the clocks do", "[zone]") {
    struct Row {
        std::string_view zone;
        CivilDate day;
        std::string_view start;
        std::string_view why;
    };
    for (const Row& row :
         {Row{"Etc/UTC", {2026, 5, 1}, "2026-05-01T00:00:00Z", "plain"},
          {"Europe/Berlin", {2026, 5, 1}, "2026-04-30T22:00:00Z", "summer time"},
          {"Asia/Kathmandu", {2026, 5, 1}, "2026-04-30T18:15:00Z", "45 minutes"},
          {"America/Sao_Paulo", {2018, 11, 4}, "2018-11-04T03:00:00Z", "midnight does not exist"},
          {"America/Havana", {2025, 11, 2}, "2025-11-02T04:00:00Z", "midnight comes twice"},
          {"Pacific/Apia", {2011, 12, 30}, "2011-12-30T10:00:00Z", "a day that does not exist"}}) {
        INFO(row.zone << ": " << row.why);
        CHECK(format_rfc3339(zone(row.zone).start_of(row.day)) == row.start);
    }
}

TEST_CASE("days of 23, 25 and 23.5 hours have their own length", "[zone]") {
    CHECK(hours_of("Europe/Berlin", {2026, 3, 29}) == 23);
    CHECK(hours_of("Europe/Berlin", {2026, 10, 25}) == 25);
    const Zone lord_howe = zone("Australia/Lord_Howe");
    CHECK((lord_howe.start_of({2026, 10, 5}) - lord_howe.start_of({2026, 10, 4})).micros ==
          (23 * 3'600 + 1'800) * kMicrosPerSecond);
}

TEST_CASE("every instant lies in the day that date_of names", "[zone]") {
    // St John's turned its clocks back at one minute past midnight: the day before came again.
    for (const std::string_view name : {"America/St_Johns",
                                        "America/Havana",
                                        "America/Sao_Paulo",
                                        "Pacific/Apia",
                                        "Australia/Lord_Howe"}) {
        const Zone there = zone(name);
        const Instant first = parse_rfc3339("2010-10-01T00:00:00Z").value();
        for (std::int64_t step = 0; step < std::int64_t{24} * 365 * 2; ++step) {
            const Instant at{first.micros + step * 3'600 * kMicrosPerSecond / 2 +
                             90 * kMicrosPerSecond};
            if (!there.day_around(at).contains(at)) {
                FAIL(name << " at " << format_rfc3339(at));
            }
        }
    }
}

TEST_CASE("a month runs from its first day to the next one's", "[zone]") {
    const Zone berlin = zone("Europe/Berlin");
    const Period march = berlin.month_around(parse_rfc3339("2026-02-28T23:00:00Z").value());
    CHECK(format_rfc3339(march.start) == "2026-02-28T23:00:00Z");
    CHECK(format_rfc3339(march.end) == "2026-03-31T22:00:00Z");
    CHECK(next_month({2026, 12, 31}) == CivilDate{2027, 1, 1});
}

TEST_CASE("a month that begins elsewhere takes its first day along", "[zone]") {
    struct Row {
        std::string_view zone;
        CivilDate month;
        std::string_view start;
        std::string_view why;
    };
    for (const Row& row :
         {Row{"Asia/Almaty", {2024, 3, 1}, "2024-02-29T18:00:00Z", "an hour earlier than now"},
          {"Asia/Amman", {2022, 11, 1}, "2022-10-31T22:00:00Z", "an hour later"},
          {"Etc/UTC", {2024, 3, 1}, "2024-02-25T12:00:00Z", "several days earlier"},
          {"Etc/UTC", {2024, 3, 1}, "2024-03-04T12:00:00Z", "several days later"}}) {
        INFO(row.zone << ": " << row.why);
        const Instant start = parse_rfc3339(row.start).value();
        const Zone plain = zone(row.zone);
        const Zone there = plain.with_months({{row.month, start}});
        CHECK(there.has_other_months());
        CHECK(there.name() == plain.name());
        CHECK(there.start_of(row.month) == start);
        CHECK(there.month_around(start).start == start);
        CHECK(there.month_around(start + Duration{-1}).end == start);
        CHECK(month_of(there.date_of(start)) == row.month);
        CHECK(next_month(there.date_of(start + Duration{-1})) == row.month);
        const Instant first = start + Duration{std::int64_t{-40} * 24 * 3'600 * kMicrosPerSecond};
        for (std::int64_t hour = 0; hour < std::int64_t{24} * 80; ++hour) {
            const Instant at = first + Duration{hour * 3'600 * kMicrosPerSecond};
            const bool is_in_both =
                there.day_around(at).contains(at) && there.month_around(at).contains(at);
            if (!is_in_both ||
                there.start_of(month_of(there.date_of(at))) != there.month_around(at).start) {
                FAIL(format_rfc3339(at));
            }
        }
    }
    const Zone berlin = zone("Europe/Berlin");
    CHECK_FALSE(
        berlin.with_months({{{2026, 5, 1}, berlin.start_of({2026, 5, 1})}}).has_other_months());
}

TEST_CASE("dates and months are read strictly", "[zone]") {
    CHECK(parse_date("2024-02-29").value() == CivilDate{2024, 2, 29});
    CHECK(parse_month("2026-12").value() == CivilDate{2026, 12, 1});
    for (const std::string_view text : {"",
                                        "2026-02-29",
                                        "2026-13-01",
                                        "2026-00-10",
                                        "2026-5-1",
                                        "2026/05/01",
                                        "2026-05-01 ",
                                        "x026-05-01"}) {
        INFO(text);
        CHECK_FALSE(parse_date(text).ok());
    }
    for (const std::string_view text : {"", "2026", "2026-13", "2026-5", "2026-05-01"}) {
        INFO(text);
        CHECK_FALSE(parse_month(text).ok());
    }
}

TEST_CASE("an unknown zone is an error that names it", "[zone]") {
    CHECK(Zone::find("Europe/Atlantis").error().message ==
          "expected an IANA time zone such as Europe/Berlin, got \"Europe/Atlantis\"");
}

}  // namespace
}  // namespace dcm
