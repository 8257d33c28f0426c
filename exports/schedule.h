#pragma once

#include "base/result.h"
#include "base/zone.h"

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

namespace dcm::exports {

// When something runs, by the clock of a zone: the minutes of a cron expression. Each of them is
// one run, when the clock first shows it; minutes that the clock jumps over run at the jump,
// together as one run; what it shows twice runs the first time.
class Schedule {
public:
    // Five fields of cron (`30 2 * * *`), or words: `hourly at :15`, `daily at 02:30`,
    // `weekly on monday at 02:30`, `monthly on day 3 at 04:00`. The error says what was expected
    // where, with the nearest known word.
    [[nodiscard]] static Result<Schedule> parse(std::string_view text);

    // The latest run at or before `at`, and the earliest after it; nullopt where none is within ten
    // years.
    [[nodiscard]] std::optional<Instant> latest_until(const Zone& zone, Instant at) const;
    [[nodiscard]] std::optional<Instant> next_after(const Zone& zone, Instant at) const;

private:
    friend class ScheduleReader;

    static constexpr std::size_t kMinutes = 60;
    static constexpr std::size_t kHours = 24;
    static constexpr std::size_t kDays = 32;
    static constexpr std::size_t kMonths = 13;
    static constexpr std::size_t kWeekdays = 7;

    [[nodiscard]] bool runs_on(CivilDate day) const;
    // By the clock's order, which near a change of the clock is not always that of the instants.
    [[nodiscard]] std::vector<Instant> runs_of(CivilDate day, const Zone& zone) const;

    std::bitset<kMinutes> minutes_;
    std::bitset<kHours> hours_;
    std::bitset<kDays> days_;          // from 1
    std::bitset<kMonths> months_;      // from 1
    std::bitset<kWeekdays> weekdays_;  // 0 is Sunday
    // As in cron: where days of the month and of the week are both named, either is enough.
    bool names_days_ = false;
    bool names_weekdays_ = false;
};

}  // namespace dcm::exports
