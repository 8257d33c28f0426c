// Times, dates and durations: read as a second reader reads them, and the same again after they
// were printed.
//
// Input: one text.

#include "base/instant.h"
#include "base/zone.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reference_syntax.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <limits>
#include <map>
#include <optional>
#include <string>

namespace dcm::fuzz {
namespace {

using boost::multiprecision::cpp_int;

// A number without a sign, then a unit; nothing when 64 bits do not hold it.
std::optional<Duration> read_duration(std::string_view text) {
    static const std::map<std::string_view, std::int64_t> units{{"us", 1},
                                                                {"ms", 1'000},
                                                                {"s", 1'000'000},
                                                                {"m", 60'000'000},
                                                                {"h", 3'600'000'000},
                                                                {"d", 86'400'000'000}};
    const std::size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
    const auto unit = units.find(text.substr(digits));
    if (digits == 0 || unit == units.end()) return std::nullopt;
    cpp_int number = 0;
    for (const char c : text.substr(0, digits)) {
        number = number * 10 + (c - '0');
    }
    number *= unit->second;
    if (number > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return Duration{static_cast<std::int64_t>(number)};
}

void check_time(std::string_view text) {
    const Result<Instant> parsed = parse_rfc3339(text);
    const std::optional<Instant> expected = read_time(text);
    DCM_CHECK(parsed.ok() == expected.has_value());
    if (!parsed.ok()) return;
    const Instant at = parsed.value();
    DCM_CHECK(at == *expected);
    const std::string printed = format_rfc3339(at);
    // An offset may lead out of the years that RFC 3339 can write.
    if (printed.front() == '-' || printed.front() == '+') return;
    DCM_CHECK(parse_rfc3339(printed).value() == at);
    const Zone zone = Zone::find("Europe/Berlin").value();
    DCM_CHECK(zone.day_around(at).contains(at));
    DCM_CHECK(zone.month_around(at).contains(at));
}

void check_duration(std::string_view text) {
    const Result<Duration> parsed = parse_duration(text);
    const std::optional<Duration> expected = read_duration(text);
    DCM_CHECK(parsed.ok() == expected.has_value());
    if (!parsed.ok()) return;
    DCM_CHECK(parsed.value() == *expected);
    const std::string seconds = format_seconds(parsed.value());
    DCM_CHECK(consists_only_of(seconds, "0123456789."));
}

}  // namespace

void examine(std::string_view bytes) {
    check_time(bytes);
    check_duration(bytes);
    if (const Result<CivilDate> date = parse_date(bytes); date.ok()) {
        DCM_CHECK(format_date(date.value()) == bytes);
        DCM_CHECK(date.value() < next_day(date.value()));
        DCM_CHECK(Zone::utc().date_of(Zone::utc().start_of(date.value())) == date.value());
    }
    if (const Result<CivilDate> month = parse_month(bytes); month.ok()) {
        DCM_CHECK(format_month(month.value()) == bytes);
        DCM_CHECK(month_of(month.value()) == month.value());
        DCM_CHECK(month.value() < next_month(month.value()));
    }
}

}  // namespace dcm::fuzz
