#include "exports/schedule.h"

#include "tests/exports/sample_content.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace dcm::exports {
namespace {

using testing::at;

Schedule schedule(std::string_view text) {
    return value_or_throw(Schedule::parse(text));
}

Zone zone(std::string_view name) {
    return value_or_throw(Zone::find(name));
}

struct Asked {
    std::string_view schedule;
    std::string_view zone;
    std::string_view after;
};

// The next runs after a moment.
std::vector<std::string> runs(const Asked& asked, std::size_t count) {
    const Schedule parsed = schedule(asked.schedule);
    const Zone in = zone(asked.zone);
    std::vector<std::string> found;
    Instant from = at(asked.after);
    while (found.size() < count) {
        const auto next = parsed.next_after(in, from);
        if (!next) {
            break;
        }
        found.push_back(format_rfc3339(*next));
        from = *next;
    }
    return found;
}

using Runs = std::vector<std::string>;

TEST_CASE("plain words and cron say the same", "[schedule]") {
    struct Case {
        std::string words;
        std::string cron;
        Runs runs;
    };
    for (const Case& c :
         {Case{"daily at 02:30", "30 2 * * *", {"2026-05-01T02:30:00Z", "2026-05-02T02:30:00Z"}},
          Case{"hourly at :15", "15 * * * *", {"2026-05-01T00:15:00Z", "2026-05-01T01:15:00Z"}},
          Case{"weekly on monday at 2:30",
               "30 2 * * mon",
               {"2026-05-04T02:30:00Z", "2026-05-11T02:30:00Z"}},
          Case{"weekly on Sun at 02:30",
               "30 2 * * 7",
               {"2026-05-03T02:30:00Z", "2026-05-10T02:30:00Z"}},
          Case{"monthly on day 3 at 04:00",
               "0 4 3 * *",
               {"2026-05-03T04:00:00Z", "2026-06-03T04:00:00Z"}}}) {
        INFO(c.words);
        CHECK(runs({c.words, "Etc/UTC", "2026-05-01T00:00:00Z"}, 2) == c.runs);
        CHECK(runs({c.cron, "Etc/UTC", "2026-05-01T00:00:00Z"}, 2) == c.runs);
    }
}

TEST_CASE("fields are apart by blanks or tabs, as in a crontab", "[schedule]") {
    CHECK(runs({"30\t2 *\t \t* *", "Etc/UTC", "2026-05-01T00:00:00Z"}, 1) ==
          Runs{"2026-05-01T02:30:00Z"});
}

TEST_CASE("cron has lists, ranges, steps and names", "[schedule]") {
    const auto in_utc = [](std::string_view text, std::size_t count) {
        return runs({text, "Etc/UTC", "2026-05-01T00:00:00Z"}, count);
    };
    CHECK(in_utc("*/20 8-9 * * *", 4) == Runs{"2026-05-01T08:00:00Z",
                                              "2026-05-01T08:20:00Z",
                                              "2026-05-01T08:40:00Z",
                                              "2026-05-01T09:00:00Z"});
    CHECK(in_utc("5,35 0 1 jan,JUL *", 2) == Runs{"2026-07-01T00:05:00Z", "2026-07-01T00:35:00Z"});
    CHECK(in_utc("0 0 29 2 *", 1) == Runs{"2028-02-29T00:00:00Z"});
    CHECK(in_utc("50/5 0 1 * *", 3) ==
          Runs{"2026-05-01T00:50:00Z", "2026-05-01T00:55:00Z", "2026-06-01T00:50:00Z"});
    // Days of the month and of the week, both named: either will do.
    CHECK(in_utc("0 0 3 * tue", 3) ==
          Runs{"2026-05-03T00:00:00Z", "2026-05-05T00:00:00Z", "2026-05-12T00:00:00Z"});
    CHECK(in_utc("0 0 */10 * tue", 1) == Runs{"2026-07-21T00:00:00Z"});
}

TEST_CASE("a run is due at its moment, not before", "[schedule]") {
    const Schedule daily = schedule("daily at 02:30");
    const Zone berlin = zone("Europe/Berlin");
    const Instant run = at("2026-05-01T00:30:00Z");
    CHECK(daily.latest_until(berlin, run) == run);
    CHECK(daily.latest_until(berlin, Instant{run.micros - 1}) == at("2026-04-30T00:30:00Z"));
    CHECK(daily.next_after(berlin, run) == at("2026-05-02T00:30:00Z"));
    CHECK(daily.next_after(berlin, Instant{run.micros - 1}) == run);
}

TEST_CASE("a time that the clock jumps over runs once, at the jump", "[schedule]") {
    // Berlin, 29 March 2026: from 02:00 to 03:00 at 01:00 UTC.
    CHECK(runs({"daily at 02:30", "Europe/Berlin", "2026-03-28T00:00:00Z"}, 3) ==
          Runs{"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"});
    // Minutes that are jumped over are one run with the one at 03:00.
    CHECK(runs({"*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z"}, 3) ==
          Runs{"2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"});
}

TEST_CASE("a time that the clock shows twice runs once, the first time", "[schedule]") {
    // Berlin, 25 October 2026: from 03:00 back to 02:00 at 01:00 UTC.
    CHECK(runs({"daily at 02:30", "Europe/Berlin", "2026-10-24T12:00:00Z"}, 2) ==
          Runs{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"});
    CHECK(runs({"hourly at :30", "Europe/Berlin", "2026-10-24T23:00:00Z"}, 3) ==
          Runs{"2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"});
}

TEST_CASE("half an hour of daylight saving on Lord Howe", "[schedule]") {
    // 4 October 2026, 02:00 becomes 02:30 at 15:30 UTC the day before.
    CHECK(runs({"daily at 02:15", "Australia/Lord_Howe", "2026-10-02T20:00:00Z"}, 2) ==
          Runs{"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"});
    // 5 April 2026, 02:00 becomes 01:30 at 15:00 UTC the day before.
    CHECK(runs({"daily at 01:45", "Australia/Lord_Howe", "2026-04-03T20:00:00Z"}, 2) ==
          Runs{"2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"});
}

TEST_CASE("a day that a zone leaves out runs when the next one begins", "[schedule]") {
    // Samoa had no 30 December 2011.
    CHECK(runs({"daily at 12:00", "Pacific/Apia", "2011-12-29T00:00:00Z"}, 3) ==
          Runs{"2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"});
}

// Goal: latest_until and next_after are two views of one sequence without repetition. Method: over
// two years in zones with odd changes, the latest run until a moment is the one that was found last
// going forward.
TEST_CASE("every run is found once, forward and backward", "[schedule]") {
    for (const char* const name : {"Europe/Berlin",
                                   "Australia/Lord_Howe",
                                   "America/St_Johns",
                                   "Africa/Cairo",
                                   "Asia/Beirut"}) {
        for (const char* const text : {"daily at 00:00", "daily at 02:30", "15 */6 * * *"}) {
            INFO(name << ' ' << text);
            const Schedule parsed = schedule(text);
            const Zone in = zone(name);
            Instant run = at("2025-01-01T00:00:00Z");
            int count = 0;
            while (run < at("2027-01-01T00:00:00Z")) {
                const Instant next = parsed.next_after(in, run).value();
                REQUIRE(run < next);
                REQUIRE(parsed.latest_until(in, next) == next);
                if (count > 0) {
                    REQUIRE(parsed.latest_until(in, Instant{next.micros - 1}) == run);
                }
                run = next;
                ++count;
            }
            CHECK(count >= (std::string(text).starts_with("15") ? 4 * 730 : 730));
        }
    }
}

TEST_CASE("what is no schedule is told with what was expected", "[schedule]") {
    struct Case {
        std::string text;
        std::string told;
    };
    for (const Case& c :
         {Case{"", "expected a schedule such as"},
          Case{"dayly at 02:30", "did you mean daily?"},
          Case{"daily at 2430", "expected a time from 00:00 to 23:59, got \"2430\""},
          Case{"daily at 24:00", "expected a time from 00:00 to 23:59"},
          Case{"daily at 02:60", "expected minutes from :00 to :59, got \":60\""},
          Case{"daily at 02:3", "expected minutes from :00 to :59"},
          Case{"daily 02:30", "expected a schedule such as"},
          Case{"hourly at 15", "expected minutes from :00 to :59"},
          Case{"weekly on mondai at 02:30", "did you mean monday?"},
          Case{"monthly on day 29 at 04:00",
               "expected a day that every month has, from 1 to 28, got \"29\""},
          Case{"30 2 * *", "expected five fields"},
          Case{"60 2 * * *", "expected a number from 0 to 59 for the minute, got \"60\""},
          Case{"0 2 0 * *", "expected a number from 1 to 31 for the day"},
          Case{"0 2 * foo *", "expected a number from 1 to 12 for the month"},
          Case{"0 2 * * 8", "expected a number from 0 to 7 for the weekday"},
          Case{"*/0 2 * * *", "expected a step from 1 to 59 for the minute"},
          Case{"5-2 2 * * *", "expected a range that begins before it ends for the minute"},
          Case{"1,,2 2 * * *", "expected a value between commas for the minute"},
          Case{"0 0 31 2 *", "one that never comes"}}) {
        INFO(c.text);
        const Result<Schedule> parsed = Schedule::parse(c.text);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.error().message.find(c.told) != std::string::npos);
    }
}

}  // namespace
}  // namespace dcm::exports
