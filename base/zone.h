#pragma once

#include "base/instant.h"
#include "base/result.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}  // namespace date

namespace dcm {

// A day of the civil calendar; a month is its first day.
struct CivilDate {
    int year = 1970;
    unsigned month = 1;
    unsigned day = 1;

    auto operator<=>(const CivilDate&) const = default;  // NOLINT(modernize-use-nullptr)
};

// `2026-05-01`; the error says what came.
[[nodiscard]] Result<CivilDate> parse_date(std::string_view text);
// `2026-05`, as the first day of the month.
[[nodiscard]] Result<CivilDate> parse_month(std::string_view text);
[[nodiscard]] std::string format_date(CivilDate date);
[[nodiscard]] std::string format_month(CivilDate date);
[[nodiscard]] CivilDate next_day(CivilDate date);
[[nodiscard]] CivilDate month_of(CivilDate date);
[[nodiscard]] CivilDate next_month(CivilDate date);
[[nodiscard]] CivilDate previous_month(CivilDate date);

// An IANA time zone as a value. The zone database counts as constant data.
class Zone {
public:
    // Where months begin, by their first days.
    using MonthStarts = std::map<CivilDate, Instant>;

    // An unknown name is an Error.
    [[nodiscard]] static Result<Zone> find(std::string_view name);
    [[nodiscard]] static Zone utc();
    // The same zone, but for months that begin where its rules do not, or no longer, have them
    // begin: the first day of such a month begins there too, and the day before it ends there.
    [[nodiscard]] Zone with_months(const MonthStarts& starts) const;
    // Whether some month begins elsewhere than the zone's rules say.
    [[nodiscard]] bool has_other_months() const { return months_ != nullptr; }

    [[nodiscard]] std::string name() const;
    // The first instant of a date here: a midnight that does not exist or exists twice is the first
    // instant of that date.
    [[nodiscard]] Instant start_of(CivilDate day) const;
    [[nodiscard]] CivilDate date_of(Instant at) const;
    // The calendar month that contains `at`, as two instants.
    [[nodiscard]] Period month_around(Instant at) const;
    [[nodiscard]] Period day_around(Instant at) const;

private:
    explicit Zone(const date::time_zone* zone) : zone_(zone) {}

    [[nodiscard]] Instant midnight_of(CivilDate day) const;
    [[nodiscard]] CivilDate date_by_rules(Instant at) const;
    [[nodiscard]] Instant month_start(CivilDate month) const;
    [[nodiscard]] CivilDate month_at(Instant at) const;

    const date::time_zone* zone_;
    std::shared_ptr<const MonthStarts> months_;  // copies share it; null where there are none
};

// The version of the zone database in use, as statements record it.
[[nodiscard]] std::string zone_database_version();

}  // namespace dcm
