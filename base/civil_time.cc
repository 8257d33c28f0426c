#include "base/civil_time.h"

#include "base/sys_time.h"

#include <date/tz.h>

#include <chrono>

namespace dcm {
namespace {

date::sys_days to_days(CivilDate day) {
    return date::year{day.year} / date::month{day.month} / date::day{day.day};
}

}  // namespace

CivilDate previous_day(CivilDate date) {
    const date::year_month_day before{to_days(date) - date::days{1}};
    return {static_cast<int>(before.year()),
            static_cast<unsigned>(before.month()),
            static_cast<unsigned>(before.day())};
}

unsigned weekday_of(CivilDate date) {
    return date::weekday{to_days(date)}.c_encoding();
}

Instant instant_of(const Zone& zone, CivilDate day, int minutes) {
    const date::local_seconds shown =
        date::local_days{to_days(day).time_since_epoch()} + std::chrono::minutes{minutes};
    const date::local_info info = date::locate_zone(zone.name())->get_info(shown);
    if (info.result == date::local_info::nonexistent) {
        return from_sys(info.first.end);
    }
    return from_sys(date::sys_seconds{shown.time_since_epoch() - info.first.offset});
}

}  // namespace dcm
