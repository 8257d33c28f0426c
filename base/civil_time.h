#pragma once

#include "base/zone.h"

namespace dcm {

[[nodiscard]] CivilDate previous_day(CivilDate date);

// 0 is Sunday.
[[nodiscard]] unsigned weekday_of(CivilDate date);

// When the clock of the zone first shows so many minutes of a date, or, where it jumps over them,
// when it jumps.
[[nodiscard]] Instant instant_of(const Zone& zone, CivilDate day, int minutes);

}  // namespace dcm
