#pragma once

#include "base/instant.h"

#include <date/date.h>

#include <chrono>

namespace dcm {

// Instants as the date library counts them, in seconds of UTC. For sources of this module only: no
// other sees that library.

[[nodiscard]] inline Instant from_sys(date::sys_seconds at) {
    return Instant{at.time_since_epoch().count() * kMicrosPerSecond};
}

[[nodiscard]] inline date::sys_seconds to_sys(Instant at) {
    return date::floor<std::chrono::seconds>(
        date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{at.micros}});
}

}  // namespace dcm
