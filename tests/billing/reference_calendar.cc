#include "reference_calendar.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <utility>

namespace dcm::reference {
namespace {

constexpr Micros kLongAgo = std::numeric_limits<Micros>::min();

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

bool is_leap(std::int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

std::int64_t days_in_month(std::int64_t year, std::int64_t month) {
    constexpr std::array<std::int64_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days.at(static_cast<std::size_t>(month - 1)) + (month == 2 && is_leap(year) ? 1 : 0);
}

std::string padded(std::int64_t number, std::size_t width) {
    std::string digits = std::to_string(number);
    return digits.insert(0, std::max(width, digits.size()) - digits.size(), '0');
}

Micros utc(const Date& date, Micros hours, Micros minutes = 0) {
    return day_number(date) * kDay + hours * kHour + minutes * 60 * kSecond;
}

}  // namespace

// Counted year by year and month by month: slow and plain.
DayNumber day_number(const Date& date) {
    DayNumber day = date.day - 1;
    for (std::int64_t year = 1970; year < date.year; ++year) {
        day += is_leap(year) ? 366 : 365;
    }
    for (std::int64_t month = 1; month < date.month; ++month) {
        day += days_in_month(date.year, month);
    }
    return day;
}

Date date_of(DayNumber day) {
    Date date;
    while (day >= (is_leap(date.year) ? 366 : 365)) {
        day -= is_leap(date.year) ? 366 : 365;
        ++date.year;
    }
    while (day >= days_in_month(date.year, date.month)) {
        day -= days_in_month(date.year, date.month);
        ++date.month;
    }
    date.day = day + 1;
    return date;
}

std::string date_text(DayNumber day) {
    return month_text(day) + '-' + padded(date_of(day).day, 2);
}

std::string month_text(DayNumber day) {
    const Date date = date_of(day);
    return padded(date.year, 4) + '-' + padded(date.month, 2);
}

std::string time_text(Micros at) {
    const DayNumber day = floor_divide(at, kDay);
    const Micros rest = at - day * kDay;
    const Micros seconds = rest / kSecond;
    std::string text = date_text(day) + 'T' + padded(seconds / 3'600, 2) + ':' +
                       padded(seconds / 60 % 60, 2) + ':' + padded(seconds % 60, 2);
    if (rest % kSecond != 0) {
        text += '.' + padded(rest % kSecond, 6);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + 'Z';
}

Window::Window(std::string zone, const Date& first, std::vector<Offset> offsets)
    : zone_(std::move(zone)), start_(day_number(first) * kDay), offsets_(std::move(offsets)) {}

Micros Window::offset_at(Micros at) const {
    Micros offset = offsets_.front().offset;
    for (const Offset& each : offsets_) {
        offset = each.from <= at ? each.offset : offset;
    }
    return offset;
}

DayNumber Window::day_at(Micros at) const {
    DayNumber day = floor_divide(at + offset_at(at), kDay);
    while (start_of(day + 1) <= at) {
        ++day;
    }
    return day;
}

// The earliest instant at which the clock shows the day or a later one.
Micros Window::start_of(DayNumber day) const {
    for (std::size_t i = 0; i < offsets_.size(); ++i) {
        const Micros midnight = std::max(offsets_[i].from, day * kDay - offsets_[i].offset);
        if (i + 1 == offsets_.size() || midnight < offsets_[i + 1].from) {
            return midnight;
        }
    }
    return 0;
}

Micros Window::start_of_month(DayNumber day) const {
    return start_of(day - date_of(day).day + 1);
}

Micros Window::end_of_month(DayNumber day) const {
    const Date date = date_of(day);
    return start_of(day - date.day + 1 + days_in_month(date.year, date.month));
}

const std::vector<Window>& windows() {
    static const std::vector<Window> all{
        {"Etc/UTC", {2026, 1, 25}, {{kLongAgo, 0}}},
        {"Asia/Kathmandu", {2027, 12, 20}, {{kLongAgo, 5 * kHour + kHour / 4 * 3}}},
        // 29 March has 23 hours, 25 October 25.
        {"Europe/Berlin", {2026, 3, 20}, {{kLongAgo, kHour}, {utc({2026, 3, 29}, 1), 2 * kHour}}},
        {"Europe/Berlin", {2026, 10, 18}, {{kLongAgo, 2 * kHour}, {utc({2026, 10, 25}, 1), kHour}}},
        // Half an hour.
        {"Australia/Lord_Howe",
         {2026, 3, 26},
         {{kLongAgo, 11 * kHour}, {utc({2026, 4, 4}, 15), 10 * kHour + kHour / 2}}},
        {"Australia/Lord_Howe",
         {2026, 9, 25},
         {{kLongAgo, 10 * kHour + kHour / 2}, {utc({2026, 10, 3}, 15, 30), 11 * kHour}}},
        // 1 November 2026, 01:00 → 00:00: a month whose first midnight comes twice.
        {"America/Havana",
         {2026, 10, 20},
         {{kLongAgo, -4 * kHour}, {utc({2026, 11, 1}, 5), -5 * kHour}}},
        // 1 October 2023, 00:00 → 01:00: a month without its first midnight.
        {"America/Asuncion",
         {2023, 9, 15},
         {{kLongAgo, -4 * kHour}, {utc({2023, 10, 1}, 4), -3 * kHour}}},
        // 30 December 2011 was left out.
        {"Pacific/Apia",
         {2011, 12, 10},
         {{kLongAgo, -10 * kHour}, {utc({2011, 12, 30}, 10), 14 * kHour}}},
    };
    return all;
}

}  // namespace dcm::reference
