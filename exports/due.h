#pragma once

#include "exports/schedule.h"

#include <optional>

namespace dcm::exports {

// What is known of an export's runs by schedule.
struct RunHistory {
    std::optional<Instant> answered;  // the latest scheduled moment that a run was made for
    int failures = 0;                 // in a row, up to now
    std::optional<Instant> retry_at;  // after a failure
};

// The scheduled moment that a run is to be made for: the latest one that has come, where no run
// answered it yet. However many were missed, one run makes up for them. An export that never ran is
// due at once. After a failure nothing is due until the time to try again.
[[nodiscard]] std::optional<Instant> due_moment(const Schedule& schedule,
                                                const Zone& zone,
                                                const RunHistory& history,
                                                Instant now);

// When the next run will be.
[[nodiscard]] std::optional<Instant> next_run(const Schedule& schedule,
                                              const Zone& zone,
                                              const RunHistory& history,
                                              Instant now);

// How long to wait after so many failures in a row: one minute, doubling, at most an hour.
[[nodiscard]] Duration wait_after(int failures);

}  // namespace dcm::exports
