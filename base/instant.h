#pragma once

#include "base/result.h"

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace dcm {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kNanosPerMicro = 1'000;

// A point in time: microseconds since 1970-01-01T00:00:00Z, without leap seconds.
struct Instant {
    std::int64_t micros = 0;

    auto operator<=>(const Instant&) const = default;  // NOLINT(modernize-use-nullptr)
};

// A length of time in microseconds.
struct Duration {
    std::int64_t micros = 0;

    auto operator<=>(const Duration&) const = default;  // NOLINT(modernize-use-nullptr)
};

[[nodiscard]] constexpr Duration operator-(Instant later, Instant earlier) {
    return Duration{later.micros - earlier.micros};
}
[[nodiscard]] constexpr Instant operator+(Instant start, Duration length) {
    return Instant{start.micros + length.micros};
}

// The half-open stretch [start, end).
struct Period {
    Instant start;
    Instant end;

    bool operator==(const Period&) const = default;
    [[nodiscard]] bool contains(Instant at) const { return start <= at && at < end; }
};

// RFC 3339 as domain.md section 1 rule 4 reads it: offset required, any number of fraction digits
// (truncated toward the past), second 60 only at 23:59:60 UTC on 30 June or 31 December (it becomes
// the following midnight). The error text names what is wrong.
[[nodiscard]] Result<Instant> parse_rfc3339(std::string_view text);

// RFC 3339 in UTC with `Z`, the fraction only when it is not zero and without trailing zeros.
// Works for every instant of the years -32767 to 32767; years outside 0000–9999 get a sign.
[[nodiscard]] std::string format_rfc3339(Instant at);

// Seconds as a plain decimal without trailing zeros: 1500000 µs is "1.5".
[[nodiscard]] std::string format_seconds(Duration length);

// A duration as configuration and rule books write it: 1us, 5ms, 1s, 60s, 1m, 1h, 1d; not negative.
[[nodiscard]] Result<Duration> parse_duration(std::string_view text);

}  // namespace dcm
