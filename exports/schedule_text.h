#pragma once

#include "exports/schedule.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// Reads the text of a schedule; for Schedule::parse.
class ScheduleReader {
public:
    explicit ScheduleReader(std::string_view text);

    // What is wrong; empty when nothing is.
    [[nodiscard]] std::string read(Schedule& schedule);

private:
    // One field of cron: the numbers it may hold, and their names.
    struct Field {
        std::string_view name;
        unsigned first = 0;
        unsigned last = 0;
        std::span<const std::string_view> names{};  // of `first`, and so on
    };

    void read_cron(Schedule& schedule);
    template <typename Bits>
    void read_field(std::string_view text, const Field& field, Bits& bits);
    template <typename Bits>
    void read_item(std::string_view text, const Field& field, Bits& bits);
    [[nodiscard]] unsigned read_value(std::string_view text, const Field& field);

    void read_words(Schedule& schedule);
    void read_time(std::string_view text, Schedule& schedule);
    void read_minute(std::string_view text, Schedule& schedule);
    void read_weekday(std::string_view text, Schedule& schedule);
    void read_day(std::string_view text, Schedule& schedule);
    [[nodiscard]] bool has_words(std::initializer_list<std::string_view> words) const;
    void fail(const std::string& expected, std::string_view got);

    std::string text_;
    std::vector<std::string_view> words_;
    std::string fault_;
};

}  // namespace dcm::exports
