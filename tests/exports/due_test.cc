#include "exports/due.h"

#include "tests/exports/sample_content.h"

#include <catch2/catch.hpp>

namespace dcm::exports {
namespace {

using testing::at;

struct DailyAtHalfPastTwo {
    Schedule schedule = value_or_throw(Schedule::parse("daily at 02:30"));
    Zone zone = value_or_throw(Zone::find("Europe/Berlin"));

    [[nodiscard]] std::optional<Instant> due(const RunHistory& history,
                                             std::string_view now) const {
        return due_moment(schedule, zone, history, at(now));
    }
    [[nodiscard]] std::optional<Instant> next(const RunHistory& history,
                                              std::string_view now) const {
        return next_run(schedule, zone, history, at(now));
    }
};

TEST_CASE("an export that never ran is due at once", "[schedule]") {
    const DailyAtHalfPastTwo daily;
    CHECK(daily.due({}, "2026-05-10T12:00:00Z") == at("2026-05-10T00:30:00Z"));
    CHECK(daily.next({}, "2026-05-10T12:00:00Z") == at("2026-05-10T12:00:00Z"));
}

TEST_CASE("a moment is answered once", "[schedule]") {
    const DailyAtHalfPastTwo daily;
    const RunHistory history{at("2026-05-10T00:30:00Z"), 0, std::nullopt};
    CHECK_FALSE(daily.due(history, "2026-05-10T12:00:00Z").has_value());
    CHECK_FALSE(daily.due(history, "2026-05-11T00:29:59Z").has_value());
    CHECK(daily.next(history, "2026-05-10T12:00:00Z") == at("2026-05-11T00:30:00Z"));
    CHECK(daily.due(history, "2026-05-11T00:30:00Z") == at("2026-05-11T00:30:00Z"));
}

TEST_CASE("after days without a run one makes up for all", "[schedule]") {
    const DailyAtHalfPastTwo daily;
    RunHistory history{at("2026-05-10T00:30:00Z"), 0, std::nullopt};
    const auto due = daily.due(history, "2026-05-20T12:00:00Z");
    CHECK(due == at("2026-05-20T00:30:00Z"));
    history.answered = due;
    CHECK_FALSE(daily.due(history, "2026-05-20T12:00:01Z").has_value());
}

TEST_CASE("a clock that was set back repeats nothing", "[schedule]") {
    const DailyAtHalfPastTwo daily;
    const RunHistory history{at("2026-05-10T00:30:00Z"), 0, std::nullopt};
    CHECK_FALSE(daily.due(history, "2026-05-09T12:00:00Z").has_value());
}

TEST_CASE("a failure is tried again when its wait is over, for the same moment", "[schedule]") {
    const DailyAtHalfPastTwo daily;
    const RunHistory history{at("2026-05-09T00:30:00Z"), 1, at("2026-05-10T00:31:00Z")};
    CHECK_FALSE(daily.due(history, "2026-05-10T00:30:59Z").has_value());
    CHECK(daily.next(history, "2026-05-10T00:30:59Z") == at("2026-05-10T00:31:00Z"));
    CHECK(daily.due(history, "2026-05-10T00:31:00Z") == at("2026-05-10T00:30:00Z"));
}

TEST_CASE("waits double from a minute to an hour", "[schedule]") {
    const auto minutes = [](int failures) { return wait_after(failures).micros / 60'000'000; };
    CHECK(minutes(1) == 1);
    CHECK(minutes(2) == 2);
    CHECK(minutes(6) == 32);
    CHECK(minutes(7) == 60);
    CHECK(minutes(1'000'000) == 60);
}

}  // namespace
}  // namespace dcm::exports
