#include "exports/line_check.h"

#include "base/check.h"
#include "base/decimal.h"
#include "base/shown.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dcm::exports {
namespace {

using billing::StatementLineKind;

// Places of the columns.
enum class Place : std::size_t {
    period,
    line,
    tenant,
    provider,
    service_type,
    instance_id,
    meter,
    rate,
    state,
    charge_start,
    charge_end,
    billed_seconds,
    quantity,
    unit,
    unit_price,
    cost,
    currency,
    corrects,
    kind,
};

constexpr std::array<std::string_view, 5> kUnits{"second", "minute", "hour", "day", "month"};
constexpr std::string_view kRoundingWord = "rounding";

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [after, fault] = std::from_chars(text.data(), end, number);
    const bool is_plain = fault == std::errc{} && after == end && std::to_string(number) == text;
    return is_plain && number > 0 ? std::optional(number) : std::nullopt;
}

// One row, and what is found wrong with it.
class Row {
public:
    explicit Row(std::span<const std::string_view> cells) : cells_(cells) {}

    [[nodiscard]] std::string_view operator[](Place place) const {
        return cells_[static_cast<std::size_t>(place)];
    }

    void expect(Place place, bool is_so, std::string_view expected) {
        if (!is_so) {
            problems_.push_back(LineCheck::columns()[static_cast<std::size_t>(place)] +
                                ": expected " + std::string(expected) + ", got " +
                                shown((*this)[place]));
        }
    }
    std::optional<std::int64_t> number(Place place) {
        const auto found = whole_number((*this)[place]);
        expect(place, found.has_value(), "a whole number from 1 on");
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
    [[nodiscard]] std::vector<std::string> take_problems() { return std::move(problems_); }

private:
    std::span<const std::string_view> cells_;
    std::vector<std::string> problems_;
};

void check_names(Row& row, StatementLineKind of) {
    using enum Place;
    const bool is_rounding = of == StatementLineKind::rounding;
    row.expect(tenant, !row[tenant].empty(), "a tenant");
    for (const Place place : {meter, rate}) {
        row.expect(place,
                   is_rounding ? row[place] == kRoundingWord : !row[place].empty(),
                   is_rounding ? kRoundingWord : "a name");
    }
    for (const Place place : {service_type, instance_id, unit}) {
        row.expect(place,
                   row[place].empty() == is_rounding,
                   is_rounding ? "nothing in a rounding" : "a value");
    }
    for (const Place place : {provider, state, quantity, unit_price}) {
        row.expect(place, !is_rounding || row[place].empty(), "nothing in a rounding");
    }
    const bool is_unit = std::find(kUnits.begin(), kUnits.end(), row[unit]) != kUnits.end();
    row.expect(unit, is_unit || row[unit].empty(), "second, minute, hour, day or month");
}

// Of usage it lies in the period, of what is corrected before it; the rounding is the period's.
void check_times(Row& row, StatementLineKind of, const std::optional<Period>& during) {
    using enum Place;
    const auto start = row.time(charge_start);
    const auto end = row.time(charge_end);
    if (!start || !end) {
        return;
    }
    row.expect(charge_end, *start < *end, "a time after charge_start");
    if (!during) {
        return;
    }
    switch (of) {
        case StatementLineKind::usage:
            row.expect(charge_start, during->start <= *start, "a time in the period");
            row.expect(charge_end, *end <= during->end, "a time in the period");
            return;
        case StatementLineKind::reversal:
        case StatementLineKind::correction:
            row.expect(charge_end, *end <= during->start, "a time before the period");
            return;
        case StatementLineKind::rounding:
            row.expect(charge_start, *start == during->start, "the start of the period");
            row.expect(charge_end, *end == during->end, "the end of the period");
            return;
    }
}

// What is taken back is not positive, everything else not negative.
void check_sign(Row& row, Place place, StatementLineKind of, const Decimal& value) {
    const bool is_reversal = of == StatementLineKind::reversal;
    row.expect(place,
               value.is_zero() || value.is_negative() == is_reversal,
               is_reversal ? "no positive number in a reversal" : "no negative number");
}

void check_amounts(Row& row, StatementLineKind of) {
    using enum Place;
    const auto billed = row.decimal(billed_seconds);
    const auto charged = row.decimal(cost);
    if (billed) {
        check_sign(row, billed_seconds, of, *billed);
    }
    if (of == StatementLineKind::rounding) {
        row.expect(billed_seconds, !billed || billed->is_zero(), "0 in a rounding");
        return;
    }
    const auto used = row.decimal(quantity);
    if (used) {
        check_sign(row, quantity, of, *used);
    }
    const auto price = row[unit_price].empty() ? std::nullopt : row.decimal(unit_price);
    if (used && price && charged) {
        row.expect(cost, *used * *price == *charged, "quantity × unit_price");
    }
}

void check_link(Row& row, StatementLineKind of, std::int64_t own_line) {
    using enum Place;
    const bool is_correction = of == StatementLineKind::correction;
    if (!is_correction && of != StatementLineKind::reversal) {
        row.expect(corrects, row[corrects].empty(), "nothing in usage and rounding");
        return;
    }
    if (is_correction && row[corrects].empty()) {
        return;  // it came late
    }
    const auto linked = row.number(corrects);
    row.expect(corrects, !linked || *linked < own_line, "the number of an earlier line");
}

}  // namespace

const std::vector<std::string>& LineCheck::columns() {
    static const std::vector<std::string> names{"period",
                                                "line",
                                                "tenant",
                                                "provider",
                                                "service_type",
                                                "instance_id",
                                                "meter",
                                                "rate",
                                                "state",
                                                "charge_start",
                                                "charge_end",
                                                "billed_seconds",
                                                "quantity",
                                                "unit",
                                                "unit_price",
                                                "cost",
                                                "currency",
                                                "corrects",
                                                "kind"};
    return names;
}

std::vector<std::string> LineCheck::check(std::span<const std::string_view> cells) {
    DCM_CHECK(cells.size() == columns().size());
    using enum Place;
    Row row(cells);
    const std::int64_t number = row.number(line).value_or(0);
    row.expect(line,
               number == 0 || latest_line_ == 0 || number == latest_line_ + 1,
               "the number after " + std::to_string(latest_line_));
    latest_line_ = number;
    const auto known = billing::statement_line_kind(row[kind]);
    row.expect(kind, known.has_value(), "usage, reversal, correction or rounding");
    if (known) {
        check_names(row, *known);
        check_times(row, *known, during_);
        check_amounts(row, *known);
        check_link(row, *known, number);
    }
    return row.take_problems();
}

}  // namespace dcm::exports
