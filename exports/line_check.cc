#include "exports/line_check.h"

#include "base/check.h"
#include "base/decimal.h"
#include "exports/row_check.h"

#include <algorithm>
#include <array>

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

constexpr std::array<std::string_view, 19> kColumns{"period",
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

using Row = RowCheck<Place>;

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

void check_times(Row& row, StatementLineKind of, const std::optional<Period>& during) {
    using enum Place;
    const auto start = row.time(charge_start);
    const auto end = row.time(charge_end);
    if (!start || !end) {
        return;
    }
    row.expect(charge_end, *start < *end, "a time after charge_start");
    if (during) {
        row.expect_charge({charge_start, charge_end}, {*start, *end}, of, *during);
    }
}

void check_amounts(Row& row, StatementLineKind of) {
    using enum Place;
    const auto billed = row.decimal(billed_seconds);
    const auto charged = row.decimal(cost);
    if (billed) {
        row.expect_sign(billed_seconds, of, *billed);
    }
    if (of == StatementLineKind::rounding) {
        row.expect(billed_seconds, !billed || billed->is_zero(), "0 in a rounding");
        return;
    }
    const auto used = row.decimal(quantity);
    if (used) {
        row.expect_sign(quantity, of, *used);
    }
    const auto price = row[unit_price].empty() ? std::nullopt : row.decimal(unit_price);
    if (used && price && charged) {
        row.expect(cost, *used * *price == *charged, "quantity × unit_price");
    }
}

}  // namespace

const std::vector<std::string>& LineCheck::columns() {
    static const std::vector<std::string> names(kColumns.begin(), kColumns.end());
    return names;
}

std::vector<std::string> LineCheck::check(std::span<const std::string_view> cells) {
    DCM_CHECK(cells.size() == columns().size());
    using enum Place;
    Row row(kColumns, cells);
    latest_line_ = row.next_number(line, latest_line_);
    const auto known = billing::statement_line_kind(row[kind]);
    row.expect(kind, known.has_value(), "usage, reversal, correction or rounding");
    if (known) {
        check_names(row, *known);
        check_times(row, *known, during_);
        check_amounts(row, *known);
        row.expect_link(corrects, *known, latest_line_);
    }
    return row.take_problems();
}

}  // namespace dcm::exports
