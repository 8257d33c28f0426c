#include "exports/schedule.h"

#include "base/civil_time.h"
#include "exports/schedule_text.h"

#include <algorithm>

namespace dcm::exports {
namespace {

// Leap days are up to eight years apart.
constexpr int kDaysLookedAt = 3'660;
constexpr int kMinutesOfHour = 60;
constexpr int kMinutesOfDay = 24 * kMinutesOfHour;

}  // namespace

Result<Schedule> Schedule::parse(std::string_view text) {
    Schedule schedule;
    const std::string fault = ScheduleReader(text).read(schedule);
    if (!fault.empty()) {
        return malformed(fault);
    }
    if (!schedule.next_after(Zone::utc(), Instant{})) {
        return malformed("expected a schedule with a day that exists, got one that never comes");
    }
    return schedule;
}

bool Schedule::runs_on(CivilDate day) const {
    if (!months_.test(day.month)) {
        return false;
    }
    const bool day_matches = days_.test(day.day);
    const bool weekday_matches = weekdays_.test(weekday_of(day));
    return names_days_ && names_weekdays_ ? day_matches || weekday_matches
                                          : day_matches && weekday_matches;
}

std::vector<Instant> Schedule::runs_of(CivilDate day, const Zone& zone) const {
    std::vector<Instant> runs;
    for (int minute = 0; minute < kMinutesOfDay && runs_on(day); ++minute) {
        if (hours_.test(static_cast<std::size_t>(minute / kMinutesOfHour)) &&
            minutes_.test(static_cast<std::size_t>(minute % kMinutesOfHour))) {
            runs.push_back(instant_of(zone, day, minute));
        }
    }
    return runs;
}

std::optional<Instant> Schedule::latest_until(const Zone& zone, Instant at) const {
    CivilDate day = next_day(zone.date_of(at));
    for (int i = 0; i < kDaysLookedAt; ++i, day = previous_day(day)) {
        const std::vector<Instant> runs = runs_of(day, zone);
        const auto latest = std::find_if(
            runs.rbegin(), runs.rend(), [at](const Instant& run) { return run <= at; });
        if (latest != runs.rend()) {
            return *latest;
        }
    }
    return std::nullopt;
}

std::optional<Instant> Schedule::next_after(const Zone& zone, Instant at) const {
    CivilDate day = previous_day(zone.date_of(at));
    for (int i = 0; i < kDaysLookedAt; ++i, day = next_day(day)) {
        const std::vector<Instant> runs = runs_of(day, zone);
        const auto next =
            std::find_if(runs.begin(), runs.end(), [at](const Instant& run) { return at < run; });
        if (next != runs.end()) {
            return *next;
        }
    }
    return std::nullopt;
}

}  // namespace dcm::exports
