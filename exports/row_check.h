#pragma once

#include "base/decimal.h"
#include "base/instant.h"
#include "base/shown.h"
#include "billing/statement.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::exports {

// From 1 on, without a sign or a zero in front.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);

// One row, and what is found wrong with it. Place is an enumeration of its columns.
template <typename Place>
class RowCheck {
public:
    // Both outlive this.
    // NOLINTNEXTLINE(bugprone-easily-swappable-parameters): the header and a row of it.
    RowCheck(std::span<const std::string_view> columns, std::span<const std::string_view> cells)
        : columns_(columns), cells_(cells) {}

    [[nodiscard]] std::string_view operator[](Place place) const {
        return cells_[static_cast<std::size_t>(place)];
    }

    void expect(Place place, bool is_so, std::string_view expected) {
        if (!is_so) {
            problems_.push_back(std::string(columns_[static_cast<std::size_t>(place)]) +
                                ": expected " + std::string(expected) + ", got " +
                                shown((*this)[place]));
        }
    }
    std::optional<std::int64_t> number(Place place) {
        const auto found = whole_number((*this)[place]);
        expect(place, found.has_value(), "a whole number from 1 on");
        return found;
    }
    // The number after that of the row before, 0 where there is none; the same of this row.
    std::int64_t next_number(Place place, std::int64_t before) {
        const std::int64_t found = number(place).value_or(0);
        expect(place,
               found == 0 || before == 0 || found == before + 1,
               "the number after " + std::to_string(before));
        return found;
    }
    std::optional<Instant> time(Place place) {
        const Result<Instant> found = parse_rfc3339((*this)[place]);
        const bool is_plain = found.ok() && format_rfc3339(found.value()) == (*this)[place];
        expect(place, is_plain, "a time in UTC as 2026-05-01T10:00:00Z");
        return is_plain ? std::optional(found.value()) : std::nullopt;
    }
    std::optional<Decimal> decimal(Place place) {
        Result<Decimal> found = Decimal::parse((*this)[place]);
        const bool is_plain = found.ok() && found.value().to_string() == (*this)[place];
        expect(place, is_plain, "a decimal number in plain notation");
        return is_plain ? std::optional(std::move(found).value()) : std::nullopt;
    }

    // What a line of this kind promises, whatever its columns are called:

    // Of usage it lies in the period, of what is corrected before it; the rounding is the period's.
    void expect_charge(std::pair<Place, Place> places,
                       const Period& charge,
                       billing::StatementLineKind of,
                       const Period& during) {
        const auto [start, end] = places;
        switch (of) {
            case billing::StatementLineKind::usage:
                expect(start, during.start <= charge.start, "a time in the period");
                expect(end, charge.end <= during.end, "a time in the period");
                return;
            case billing::StatementLineKind::reversal:
            case billing::StatementLineKind::correction:
                expect(end, charge.end <= during.start, "a time before the period");
                return;
            case billing::StatementLineKind::rounding:
                expect(start, charge.start == during.start, "the start of the period");
                expect(end, charge.end == during.end, "the end of the period");
                return;
        }
    }
    // What is taken back is not positive, everything else not negative.
    void expect_sign(Place place, billing::StatementLineKind of, const Decimal& value) {
        const bool is_reversal = of == billing::StatementLineKind::reversal;
        expect(place,
               value.is_zero() || value.is_negative() == is_reversal,
               is_reversal ? "no positive number in a reversal" : "no negative number");
    }
    // The line that is corrected.
    void expect_link(Place place, billing::StatementLineKind of, std::int64_t own_line) {
        const bool is_correction = of == billing::StatementLineKind::correction;
        if (!is_correction && of != billing::StatementLineKind::reversal) {
            expect(place, (*this)[place].empty(), "nothing in usage and rounding");
            return;
        }
        if (is_correction && (*this)[place].empty()) {
            return;  // it came late
        }
        const auto linked = number(place);
        expect(place, !linked || *linked < own_line, "the number of an earlier line");
    }

    [[nodiscard]] std::vector<std::string> take_problems() { return std::move(problems_); }

private:
    std::span<const std::string_view> columns_;
    std::span<const std::string_view> cells_;
    std::vector<std::string> problems_;
};

}  // namespace dcm::exports
