#include "base/zone.h"

#include "base/shown.h"
#include "base/sys_time.h"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>

namespace dcm {
namespace {

date::year_month_day to_ymd(CivilDate day) {
    return date::year{day.year} / date::month{day.month} / date::day{day.day};
}

CivilDate from_ymd(const date::year_month_day& day) {
    return {static_cast<int>(day.year()),
            static_cast<unsigned>(day.month()),
            static_cast<unsigned>(day.day())};
}

CivilDate last_day(CivilDate month) {
    return from_ymd(date::year{month.year} / date::month{month.month} / date::last);
}

// The digits of `text` at [from, from + count) as a number; -1 when one is no digit.
int digits(std::string_view text, std::size_t from, std::size_t count) {
    int number = 0;
    for (const char c : text.substr(from, count)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        number = number * 10 + (c - '0');
    }
    return number;
}

Error bad_date(std::string_view expected, std::string_view text) {
    return malformed("expected " + std::string(expected) + ", got " + shown(text));
}

}  // namespace

Result<CivilDate> parse_date(std::string_view text) {
    const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
    const int year = shaped ? digits(text, 0, 4) : -1;
    const int month = shaped ? digits(text, 5, 2) : -1;
    const int day = shaped ? digits(text, 8, 2) : -1;
    if (year < 0 || month < 0 || day < 0) {
        return bad_date("a date such as 2026-05-01", text);
    }
    const CivilDate date{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
    if (!to_ymd(date).ok()) {
        return bad_date("a day of the calendar", text);
    }
    return date;
}

Result<CivilDate> parse_month(std::string_view text) {
    if (text.size() == 7) {
        Result<CivilDate> first = parse_date(std::string(text) + "-01");
        if (first.ok()) {
            return first;
        }
    }
    return bad_date("a month such as 2026-05", text);
}

std::string format_month(CivilDate date) {
    return format_date(date).substr(0, 7);
}

std::string format_date(CivilDate date) {
    return date::format("%F", to_ymd(date));
}

CivilDate next_day(CivilDate date) {
    return from_ymd(date::year_month_day{date::sys_days{to_ymd(date)} + date::days{1}});
}

CivilDate month_of(CivilDate date) {
    return {date.year, date.month, 1};
}

CivilDate next_month(CivilDate date) {
    return from_ymd(to_ymd(month_of(date)) + date::months{1});
}

CivilDate previous_month(CivilDate date) {
    return from_ymd(to_ymd(month_of(date)) - date::months{1});
}

Result<Zone> Zone::find(std::string_view name) {
    try {
        return Zone(date::locate_zone(name));
    } catch (const std::runtime_error&) {
        return malformed("expected an IANA time zone such as Europe/Berlin, got " + shown(name));
    }
}

Zone Zone::utc() {
    return Zone(date::locate_zone("Etc/UTC"));
}

std::string Zone::name() const {
    return zone_->name();
}

Zone Zone::with_months(const MonthStarts& starts) const {
    MonthStarts others;
    for (const auto& [month, start] : starts) {
        if (midnight_of(month_of(month)) != start) {
            others.emplace(month_of(month), start);
        }
    }
    Zone zone(zone_);
    if (!others.empty()) {
        zone.months_ = std::make_shared<const MonthStarts>(std::move(others));
    }
    return zone;
}

Instant Zone::midnight_of(CivilDate day) const {
    const date::local_seconds midnight = date::local_days{to_ymd(day)};
    const date::local_info info = zone_->get_info(midnight);
    switch (info.result) {
        case date::local_info::nonexistent:
            // The day begins when the clock jumps over midnight.
            return from_sys(info.first.end);
        case date::local_info::ambiguous:
        case date::local_info::unique:
            return from_sys(date::sys_seconds{midnight.time_since_epoch() - info.first.offset});
        default:
            break;
    }
    DCM_CHECK(false);
    return {};
}

CivilDate Zone::date_by_rules(Instant at) const {
    const auto local = zone_->to_local(to_sys(at));
    const CivilDate shown = from_ymd(date::year_month_day{date::floor<date::days>(local)});
    // Where clocks go back over midnight the day before is shown again; a day that began goes on.
    const CivilDate following = next_day(shown);
    return midnight_of(following) <= at ? following : shown;
}

Instant Zone::month_start(CivilDate month) const {
    if (months_ != nullptr) {
        if (const auto other = months_->find(month); other != months_->end()) {
            return other->second;
        }
    }
    return midnight_of(month);
}

CivilDate Zone::month_at(Instant at) const {
    CivilDate month = month_of(date_by_rules(at));
    if (months_ == nullptr) {
        return month;
    }
    while (month_start(next_month(month)) <= at) {
        month = next_month(month);
    }
    while (at < month_start(month)) {
        month = previous_month(month);
    }
    return month;
}

Instant Zone::start_of(CivilDate day) const {
    const CivilDate month = month_of(day);
    if (day == month) {
        return month_start(month);
    }
    const Instant midnight = midnight_of(day);
    // No day reaches into another month than its own.
    return months_ == nullptr
               ? midnight
               : std::max(month_start(month), std::min(midnight, month_start(next_month(month))));
}

CivilDate Zone::date_of(Instant at) const {
    const CivilDate day = date_by_rules(at);
    if (months_ == nullptr) {
        return day;
    }
    const CivilDate month = month_at(at);
    if (month < month_of(day)) {
        return last_day(month);
    }
    return std::max(day, month);
}

Period Zone::month_around(Instant at) const {
    const CivilDate month = month_at(at);
    return {month_start(month), month_start(next_month(month))};
}

Period Zone::day_around(Instant at) const {
    const CivilDate day = date_of(at);
    return {start_of(day), start_of(next_day(day))};
}

std::string zone_database_version() {
    return date::get_tzdb().version;
}

}  // namespace dcm
