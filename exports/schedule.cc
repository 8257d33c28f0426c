#include "exports/schedule.h"

#include "base/civil_time.h"
#include "exports/schedule_text.h"

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

std::optional<Instant> Schedule::latest_until(const Zone& zone, Instant at) const {
    CivilDate day = next_day(zone.date_of(at));
    for (int i = 0; i < kDaysLookedAt; ++i, day = previous_day(day)) {
        if (!runs_on(day)) {
            continue;
        }
        for (int minute = kMinutesOfDay - 1; minute >= 0; --minute) {
            if (hours_.test(static_cast<std::size_t>(minute / kMinutesOfHour)) &&
                minutes_.test(static_cast<std::size_t>(minute % kMinutesOfHour))) {
                const Instant run = instant_of(zone, day, minute);
                if (run <= at) {
                    return run;
                }
            }
        }
    }
    return std::nullopt;
}

std::optional<Instant> Schedule::next_after(const Zone& zone, Instant at) const {
    CivilDate day = previous_day(zone.date_of(at));
    for (int i = 0; i < kDaysLookedAt; ++i, day = next_day(day)) {
        if (!runs_on(day)) {
            continue;
        }
        for (int minute = 0; minute < kMinutesOfDay; ++minute) {
            if (hours_.test(static_cast<std::size_t>(minute / kMinutesOfHour)) &&
                minutes_.test(static_cast<std::size_t>(minute % kMinutesOfHour))) {
                const Instant run = instant_of(zone, day, minute);
                if (at < run) {
                    return run;
                }
            }
        }
    }
    return std::nullopt;
}

}  // namespace dcm::exports
