#include "exports/schedule_text.h"

#include "base/nearest.h"
#include "base/shown.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace dcm::exports {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdayShort{
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::string_view, 7> kWeekdays{
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
constexpr std::array<std::string_view, 4> kFrequencies{"hourly", "daily", "weekly", "monthly"};

constexpr unsigned kSunday = 7;  // cron's other number for it
// Every month has so many days.
constexpr unsigned kDayMax = 28;

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) {
            parts.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// In lower case and with blanks of one kind.
std::string plain(std::string_view text) {
    std::string made(text);
    for (char& c : made) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        c = c == '\t' ? ' ' : c;  // crontab has either between fields
    }
    return made;
}

std::optional<unsigned> number_of(std::string_view text) {
    unsigned number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, fault] = std::from_chars(text.data(), end, number);
    return fault == std::errc{} && after == end ? std::optional(number) : std::nullopt;
}

// The place of a word in a list, or what was probably meant.
template <std::size_t Count>
std::optional<std::size_t> index_of(const std::array<std::string_view, Count>& words,
                                    std::string_view word) {
    const auto* const found = std::find(words.begin(), words.end(), word);
    return found == words.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(std::distance(words.begin(), found)));
}

template <std::size_t Count>
std::string meant(const std::array<std::string_view, Count>& words, std::string_view word) {
    const std::vector<std::string> known(words.begin(), words.end());
    const std::string nearest = nearest_word(word, known);
    return nearest.empty() ? "" : "; did you mean " + nearest + '?';
}

}  // namespace

ScheduleReader::ScheduleReader(std::string_view text)
    : text_(plain(text)), words_(split(text_, ' ')) {}

std::string ScheduleReader::read(Schedule& schedule) {
    constexpr std::string_view cron_starts = "0123456789*";
    const bool is_cron =
        !words_.empty() && cron_starts.find(words_[0][0]) != std::string_view::npos;
    if (is_cron) {
        read_cron(schedule);
    } else {
        read_words(schedule);
    }
    return fault_;
}

void ScheduleReader::read_cron(Schedule& schedule) {
    constexpr std::size_t fields = 5;
    if (words_.size() != fields) {
        fail("five fields (minute, hour, day, month, weekday) such as 30 2 * * *", text_);
        return;
    }
    read_field(words_[0], {"minute", 0, 59}, schedule.minutes_);
    read_field(words_[1], {"hour", 0, 23}, schedule.hours_);
    read_field(words_[2], {"day", 1, 31}, schedule.days_);
    read_field(words_[3], {"month", 1, 12, kMonthNames}, schedule.months_);
    std::bitset<kSunday + 1> weekdays;
    read_field(words_[4], {"weekday", 0, kSunday, kWeekdayShort}, weekdays);
    for (std::size_t day = 0; day < weekdays.size(); ++day) {
        if (weekdays.test(day)) {
            schedule.weekdays_.set(day % kSunday);
        }
    }
    schedule.names_days_ = !words_[2].starts_with('*');
    schedule.names_weekdays_ = !words_[4].starts_with('*');
}

template <typename Bits>
void ScheduleReader::read_field(std::string_view text, const Field& field, Bits& bits) {
    if (text.starts_with(',') || text.ends_with(',') || text.find(",,") != std::string_view::npos) {
        fail("a value between commas for the " + std::string(field.name), text);
        return;
    }
    for (const std::string_view item : split(text, ',')) {
        read_item(item, field, bits);
    }
}

// `*`, a value or a range, each with a step or without.
template <typename Bits>
void ScheduleReader::read_item(std::string_view text, const Field& field, Bits& bits) {
    const std::size_t slash = text.find('/');
    const std::string_view range = text.substr(0, slash);
    unsigned step = 1;
    if (slash != std::string_view::npos) {
        step = number_of(text.substr(slash + 1)).value_or(0);
        if (step == 0 || step > field.last) {
            fail("a step from 1 to " + std::to_string(field.last) + " for the " +
                     std::string(field.name),
                 text);
            return;
        }
    }
    unsigned from = field.first;
    unsigned to = field.last;
    if (range != "*") {
        const std::size_t dash = range.find('-');
        from = read_value(range.substr(0, dash), field);
        if (dash != std::string_view::npos) {
            to = read_value(range.substr(dash + 1), field);
        } else if (slash == std::string_view::npos) {
            to = from;
        }
    }
    if (fault_.empty() && from > to) {
        fail("a range that begins before it ends for the " + std::string(field.name), text);
    }
    for (unsigned value = from; fault_.empty() && value <= to; value += step) {
        bits.set(value);
    }
}

unsigned ScheduleReader::read_value(std::string_view text, const Field& field) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (field.names[i] == text) {
            return field.first + static_cast<unsigned>(i);
        }
    }
    const auto number = number_of(text);
    if (!number || *number < field.first || *number > field.last) {
        fail("a number from " + std::to_string(field.first) + " to " + std::to_string(field.last) +
                 " for the " + std::string(field.name),
             text);
        return field.first;
    }
    return *number;
}

void ScheduleReader::read_words(Schedule& schedule) {
    schedule.days_.set();
    schedule.months_.set();
    schedule.weekdays_.set();
    if (has_words({"hourly", "at", ""})) {
        schedule.hours_.set();
        read_minute(words_[2], schedule);
    } else if (has_words({"daily", "at", ""})) {
        read_time(words_[2], schedule);
    } else if (has_words({"weekly", "on", "", "at", ""})) {
        read_weekday(words_[2], schedule);
        read_time(words_[4], schedule);
    } else if (has_words({"monthly", "on", "day", "", "at", ""})) {
        read_day(words_[3], schedule);
        read_time(words_[5], schedule);
    } else {
        fail(
            "a schedule such as hourly at :15, daily at 02:30, weekly on monday at 02:30, monthly "
            "on day 3 at 04:00 or five fields of cron",
            text_);
        fault_ += words_.empty() ? "" : meant(kFrequencies, words_[0]);
    }
}

void ScheduleReader::read_time(std::string_view text, Schedule& schedule) {
    const std::size_t colon = text.find(':');
    const auto hour = number_of(text.substr(0, colon));
    const bool shaped = colon != std::string_view::npos && colon > 0 && colon <= 2;
    if (!shaped || !hour || *hour >= Schedule::kHours) {
        fail("a time from 00:00 to 23:59", text);
        return;
    }
    schedule.hours_.set(*hour);
    read_minute(text.substr(colon), schedule);
}

void ScheduleReader::read_minute(std::string_view text, Schedule& schedule) {
    constexpr std::size_t colon_and_digits = 3;
    const auto minute = text.starts_with(':') ? number_of(text.substr(1)) : std::nullopt;
    if (text.size() != colon_and_digits || !minute || *minute >= Schedule::kMinutes) {
        fail("minutes from :00 to :59", text);
        return;
    }
    schedule.minutes_.set(*minute);
}

void ScheduleReader::read_weekday(std::string_view text, Schedule& schedule) {
    auto day = index_of(kWeekdays, text);
    if (!day) {
        day = index_of(kWeekdayShort, text);
    }
    if (!day) {
        fail("a weekday such as monday", text);
        fault_ += meant(kWeekdays, text);
        return;
    }
    schedule.weekdays_.reset();
    schedule.weekdays_.set(*day);
}

void ScheduleReader::read_day(std::string_view text, Schedule& schedule) {
    const auto day = number_of(text);
    if (!day || *day == 0 || *day > kDayMax) {
        fail("a day that every month has, from 1 to 28", text);
        return;
    }
    schedule.days_.reset();
    schedule.days_.set(*day);
}

// Whether the words are these; an empty one stands for any.
bool ScheduleReader::has_words(std::initializer_list<std::string_view> words) const {
    return std::equal(words.begin(),
                      words.end(),
                      words_.begin(),
                      words_.end(),
                      [](std::string_view expected, std::string_view word) {
                          return expected.empty() || expected == word;
                      });
}

void ScheduleReader::fail(const std::string& expected, std::string_view got) {
    if (fault_.empty()) {
        fault_ = "expected " + expected + ", got " + shown(got);
    }
}

}  // namespace dcm::exports
