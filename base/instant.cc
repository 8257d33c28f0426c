#include "base/instant.h"

#include "base/ascii.h"
#include "base/shown.h"

#include <date/date.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace dcm {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;

// Reads RFC 3339 from left to right; the first thing that does not fit leaves `fault` set.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    // Exactly `count` digits.
    int digits(std::size_t count, std::string_view what) {
        int number = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i >= rest_.size() || !is_digit(rest_[i])) {
                fail(what);
                return 0;
            }
            number = number * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(count);
        return number;
    }

    struct Choice {
        std::string_view allowed;
        std::string_view name;
    };
    char one_of(const Choice& choice) {
        if (rest_.empty() || choice.allowed.find(rest_.front()) == std::string_view::npos) {
            fail(choice.name);
            return '\0';
        }
        const char found = rest_.front();
        rest_.remove_prefix(1);
        return found;
    }

    // The fraction of a second in whole microseconds, truncated; 0 when there is none.
    std::int64_t fraction() {
        if (!rest_.starts_with('.')) {
            return 0;
        }
        rest_.remove_prefix(1);
        std::int64_t micros = 0;
        std::size_t count = 0;
        for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
            if (count < 6) {
                micros = micros * 10 + (rest_[count] - '0');
            }
        }
        if (count == 0) {
            fail("a digit after the decimal point");
        }
        rest_.remove_prefix(count);
        for (; count < 6; ++count) {
            micros *= 10;
        }
        return micros;
    }

    // `Z` or `±hh:mm` as seconds east of UTC.
    std::int64_t offset() {
        const char sign = one_of({"Zz+-", "an offset (Z or ±hh:mm)"});
        if (sign == 'Z' || sign == 'z' || sign == '\0') {
            return 0;
        }
        const int hours =
            within(digits(2, "two digits of the offset hour"), 23, "offset hour 00-23");
        one_of({":", "a colon in the offset"});
        const int minutes =
            within(digits(2, "two digits of the offset minute"), 59, "offset minute 00-59");
        const std::int64_t seconds = std::int64_t{hours} * 3'600 + std::int64_t{minutes} * 60;
        return sign == '-' ? -seconds : seconds;
    }

    int within(int number, int largest, std::string_view what) {
        if (number > largest) {
            fail(what);
        }
        return number;
    }

    void end() {
        if (!rest_.empty()) {
            fail("nothing after the offset");
        }
    }

    void fail(std::string_view what) {
        if (fault_.empty()) {
            fault_ = what;
        }
    }
    [[nodiscard]] std::string_view fault() const { return fault_; }

private:
    std::string_view rest_;
    std::string_view fault_;
};

struct Fields {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t micros = 0;
    std::int64_t offset_seconds = 0;
};

Fields read_fields(Reader& reader) {
    Fields fields;
    fields.year = reader.digits(4, "four digits of the year");
    reader.one_of({"-", "a hyphen after the year"});
    fields.month = reader.digits(2, "two digits of the month");
    reader.one_of({"-", "a hyphen after the month"});
    fields.day = reader.digits(2, "two digits of the day");
    reader.one_of({"Tt", "T between date and time"});
    fields.hour = reader.within(reader.digits(2, "two digits of the hour"), 23, "hour 00-23");
    reader.one_of({":", "a colon after the hour"});
    fields.minute = reader.within(reader.digits(2, "two digits of the minute"), 59, "minute 00-59");
    reader.one_of({":", "a colon after the minute"});
    fields.second = reader.within(reader.digits(2, "two digits of the second"), 60, "second 00-60");
    fields.micros = reader.fraction();
    fields.offset_seconds = reader.offset();
    reader.end();
    return fields;
}

// Whether the second after `seconds` since 1970 begins on 1 July or 1 January, so that a leap
// second may precede it.
bool follows_leap_second(std::int64_t seconds) {
    if (seconds % kSecondsPerDay != 0) {
        return false;
    }
    const date::year_month_day day{
        date::sys_days{date::days{static_cast<int>(seconds / kSecondsPerDay)}}};
    return day.day() == date::day{1} && (day.month() == date::July || day.month() == date::January);
}

Error bad_time(std::string_view text, std::string_view expected) {
    return malformed("expected an RFC 3339 time with " + std::string(expected) + ", got " +
                     shown(text));
}

void append_padded(std::string& text, std::int64_t number, std::size_t width) {
    const std::string digits = std::to_string(number);
    text.append(width > digits.size() ? width - digits.size() : 0, '0');
    text += digits;
}

// `.5` for 500,000 µs, nothing for 0.
void append_fraction(std::string& text, std::int64_t micros) {
    if (micros == 0) {
        return;
    }
    text += '.';
    append_padded(text, micros, 6);
    text.erase(text.find_last_not_of('0') + 1);
}

}  // namespace

Result<Instant> parse_rfc3339(std::string_view text) {
    Reader reader(text);
    const Fields fields = read_fields(reader);
    if (!reader.fault().empty()) {
        return bad_time(text, reader.fault());
    }
    const date::year_month_day day = date::year{fields.year} /
                                     date::month{static_cast<unsigned>(fields.month)} /
                                     date::day{static_cast<unsigned>(fields.day)};
    if (!day.ok()) {
        return bad_time(text, "a day of the calendar");
    }
    const std::int64_t days = date::sys_days{day}.time_since_epoch().count();
    const std::int64_t seconds = days * kSecondsPerDay + std::int64_t{fields.hour} * 3'600 +
                                 std::int64_t{fields.minute} * 60 + fields.second -
                                 fields.offset_seconds;
    if (fields.second == 60) {
        if (!follows_leap_second(seconds)) {
            return bad_time(text, "second 60 only at 23:59:60 UTC on 30 June or 31 December");
        }
        return Instant{seconds * kMicrosPerSecond};
    }
    return Instant{seconds * kMicrosPerSecond + fields.micros};
}

std::string format_rfc3339(Instant at) {
    std::int64_t days = at.micros / kMicrosPerDay;
    std::int64_t rest = at.micros % kMicrosPerDay;
    if (rest < 0) {
        rest += kMicrosPerDay;
        --days;
    }
    const date::year_month_day day{date::sys_days{date::days{static_cast<int>(days)}}};
    const int year = static_cast<int>(day.year());
    const std::int64_t seconds = rest / kMicrosPerSecond;
    std::string text;
    text.reserve(32);
    if (year < 0 || year > 9999) {
        text += year < 0 ? '-' : '+';
    }
    append_padded(text, year < 0 ? -year : year, 4);
    text += '-';
    append_padded(text, static_cast<unsigned>(day.month()), 2);
    text += '-';
    append_padded(text, static_cast<unsigned>(day.day()), 2);
    text += 'T';
    append_padded(text, seconds / 3'600, 2);
    text += ':';
    append_padded(text, seconds / 60 % 60, 2);
    text += ':';
    append_padded(text, seconds % 60, 2);
    append_fraction(text, rest % kMicrosPerSecond);
    text += 'Z';
    return text;
}

std::string format_seconds(Duration length) {
    const bool negative = length.micros < 0;
    constexpr auto second = static_cast<std::uint64_t>(kMicrosPerSecond);
    // Unsigned: the least length has no counterpart above 0.
    const auto given = static_cast<std::uint64_t>(length.micros);
    const std::uint64_t micros = negative ? 0 - given : given;
    std::string text = negative ? "-" : "";
    text += std::to_string(micros / second);
    append_fraction(text, static_cast<std::int64_t>(micros % second));
    return text;
}

Result<Duration> parse_duration(std::string_view text) {
    struct Suffix {
        std::string_view name;
        std::int64_t micros;
    };
    constexpr std::array suffixes{Suffix{"us", 1},
                                  Suffix{"ms", 1'000},
                                  Suffix{"s", kMicrosPerSecond},
                                  Suffix{"m", 60 * kMicrosPerSecond},
                                  Suffix{"h", 3'600 * kMicrosPerSecond},
                                  Suffix{"d", kSecondsPerDay * kMicrosPerSecond}};
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, fault] = std::from_chars(text.data(), end, number);
    const std::string_view unit(after, static_cast<std::size_t>(end - after));
    const auto* const suffix = std::find_if(
        suffixes.begin(), suffixes.end(), [unit](const Suffix& s) { return s.name == unit; });
    const Error expected =
        malformed("expected a duration such as 5ms, 60s, 1m, 1h or 1d, got " + shown(text));
    if (fault != std::errc{} || number < 0 || text.starts_with('-') || suffix == suffixes.end()) {
        return expected;
    }
    if (number > std::numeric_limits<std::int64_t>::max() / suffix->micros) {
        return malformed("expected a duration below 292,000 years, got " + shown(text));
    }
    return Duration{number * suffix->micros};
}

}  // namespace dcm
