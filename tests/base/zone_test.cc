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
