#include "exports/due.h"

#include <algorithm>

namespace dcm::exports {
namespace {

constexpr std::int64_t kFirstWaitMicros = 60 * kMicrosPerSecond;
constexpr int kDoublingsMax = 6;
constexpr std::int64_t kWaitMicrosMax = 3'600 * kMicrosPerSecond;

}  // namespace

std::optional<Instant> due_moment(const Schedule& schedule,
                                  const Zone& zone,
                                  const RunHistory& history,
                                  Instant now) {
    if (history.retry_at && now < *history.retry_at) {
        return std::nullopt;
    }
    const auto latest = schedule.latest_until(zone, now);
    const bool is_answered = latest && history.answered && *latest <= *history.answered;
    return is_answered ? std::nullopt : latest;
}

std::optional<Instant> next_run(const Schedule& schedule,
                                const Zone& zone,
                                const RunHistory& history,
                                Instant now) {
    if (due_moment(schedule, zone, history, now)) {
        return now;
    }
    const auto latest = schedule.latest_until(zone, now);
    const bool is_open = latest && (!history.answered || *history.answered < *latest);
    return is_open && history.retry_at ? history.retry_at : schedule.next_after(zone, now);
}

Duration wait_after(int failures) {
    const int doublings = std::clamp(failures - 1, 0, kDoublingsMax);
    return Duration{std::min(kFirstWaitMicros << doublings, kWaitMicrosMax)};
}

}  // namespace dcm::exports
