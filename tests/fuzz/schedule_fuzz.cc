// A schedule is read, or one line says what was expected; what it says of the past and of the
// future fits together at every moment.
//
// Input: a moment in eight bytes, then the text of a schedule.

#include "base/encoding.h"
#include "base/zone.h"
#include "exports/schedule.h"
#include "tests/fuzz/fuzz.h"

#include <array>
#include <string>

namespace dcm::fuzz {
namespace {

// 2000 to 2100.
constexpr std::int64_t kFirst = 946'684'800;
constexpr std::int64_t kSeconds = 3'155'760'000;

constexpr std::array<std::string_view, 3> kZones{"UTC", "Europe/Berlin", "Australia/Lord_Howe"};

Instant moment(std::int64_t number) {
    const auto seconds = static_cast<std::int64_t>(static_cast<std::uint64_t>(number) %
                                                   static_cast<std::uint64_t>(kSeconds));
    return Instant{(kFirst + seconds) * kMicrosPerSecond};
}

void check_runs(const exports::Schedule& schedule, const Zone& zone, Instant at) {
    const auto next = schedule.next_after(zone, at);
    const auto latest = schedule.latest_until(zone, at);
    DCM_CHECK(!next || at < *next);
    DCM_CHECK(!latest || *latest <= at);
    if (next) {
        DCM_CHECK(schedule.latest_until(zone, *next) == next);
        DCM_CHECK(schedule.next_after(zone, *next + Duration{-1}) == next);
    }
    if (latest && next) {
        DCM_CHECK(schedule.next_after(zone, *latest) == next);
    }
}

}  // namespace

void examine(std::string_view bytes) {
    Input input(bytes);
    const Instant at = moment(input.number());
    const Result<exports::Schedule> schedule = exports::Schedule::parse(input.rest());
    if (!schedule.ok()) {
        const std::string& message = schedule.error().message;
        DCM_CHECK(!message.empty() && message.find('\n') == std::string::npos && is_utf8(message));
        return;
    }
    for (const std::string_view name : kZones) {
        check_runs(schedule.value(), value_or_throw(Zone::find(name)), at);
    }
}

}  // namespace dcm::fuzz
