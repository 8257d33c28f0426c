#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::reference {

using Micros = std::int64_t;  // since 1970-01-01T00:00:00Z
using DayNumber = std::int64_t;

inline constexpr Micros kSecond = 1'000'000;
inline constexpr Micros kHour = 3'600 * kSecond;
inline constexpr Micros kDay = 24 * kHour;

struct Date {
    std::int64_t year = 1970;
    std::int64_t month = 1;
    std::int64_t day = 1;
};
[[nodiscard]] DayNumber day_number(const Date& date);
[[nodiscard]] Date date_of(DayNumber day);

// `2026-05-01`, `2026-05`, and RFC 3339 in UTC.
[[nodiscard]] std::string date_text(DayNumber day);
[[nodiscard]] std::string month_text(DayNumber day);
[[nodiscard]] std::string time_text(Micros at);

// A stretch of days around something odd in a zone, with the offsets that hold in it, written down
// here from the zone's law: no zone database is asked.
class Window {
public:
    struct Offset {
        Micros from = 0;
        Micros offset = 0;
    };

    Window(std::string zone, const Date& first, std::vector<Offset> offsets);

    [[nodiscard]] const std::string& zone() const { return zone_; }
    [[nodiscard]] Micros start() const { return start_; }

    // Days and months here. What the clock shows again after it went back is still the day that
    // began.
    [[nodiscard]] DayNumber day_at(Micros at) const;
    // The first instant of a day, or of the next one that exists.
    [[nodiscard]] Micros start_of(DayNumber day) const;
    [[nodiscard]] Micros start_of_month(DayNumber day) const;
    [[nodiscard]] Micros end_of_month(DayNumber day) const;

private:
    [[nodiscard]] Micros offset_at(Micros at) const;

    std::string zone_;
    Micros start_;
    std::vector<Offset> offsets_;
};

// Days of 23, 23½, 24½ and 25 hours, one that begins at 01:00, one whose midnight comes twice, a
// month of 30 days out of 31, and quiet zones.
[[nodiscard]] const std::vector<Window>& windows();

}  // namespace dcm::reference
