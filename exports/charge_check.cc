#include "exports/charge_check.h"

#include "base/check.h"
#include "exports/row_check.h"
#include "focus/table.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace dcm::exports {
namespace {

using billing::StatementLineKind;

// The columns that are looked at.
enum class ChargePlace : std::size_t {
    billed_cost,
    charge_category,
    charge_class,
    charge_end,
    charge_start,
    consumed_quantity,
    contracted_cost,
    effective_cost,
    list_cost,
    list_unit_price,
    pricing_quantity,
    corrects,
    line,
};

constexpr std::array<std::string_view, 13> kLookedAt{"BilledCost",
                                                     "ChargeCategory",
                                                     "ChargeClass",
                                                     "ChargePeriodEnd",
                                                     "ChargePeriodStart",
                                                     "ConsumedQuantity",
                                                     "ContractedCost",
                                                     "EffectiveCost",
                                                     "ListCost",
                                                     "ListUnitPrice",
                                                     "PricingQuantity",
                                                     "x_Corrects",
                                                     "x_Line"};

using ChargeRow = RowCheck<ChargePlace>;

// A line that is taken back has consumed less than nothing.
StatementLineKind kind_of(ChargeRow& row) {
    using enum ChargePlace;
    if (row[charge_category] == "Adjustment") {
        row.expect(charge_class, row[charge_class].empty(), "nothing in a rounding");
        return StatementLineKind::rounding;
    }
    row.expect(charge_category, row[charge_category] == "Usage", "Usage or Adjustment");
    if (row[charge_class].empty()) {
        return StatementLineKind::usage;
    }
    return row[consumed_quantity].starts_with('-') ? StatementLineKind::reversal
                                                   : StatementLineKind::correction;
}

// Fractions of a second are dropped: a piece of usage may begin and end in the same one.
std::optional<Period> read_charge(ChargeRow& row) {
    using enum ChargePlace;
    const auto start = row.time(charge_start);
    const auto end = row.time(charge_end);
    if (!start || !end) {
        return std::nullopt;
    }
    row.expect(charge_end, *start <= *end, "no time before ChargePeriodStart");
    return Period{*start, *end};
}

// The exact seconds of the piece, whose bounds are each less than a second earlier in the file.
void check_consumed(ChargeRow& row, StatementLineKind of, const std::optional<Period>& charge) {
    using enum ChargePlace;
    if (of == StatementLineKind::rounding) {
        return;  // the specification forbids it
    }
    const auto consumed = row.decimal(consumed_quantity);
    if (!consumed) {
        return;
    }
    row.expect_sign(consumed_quantity, of, *consumed);
    if (charge) {
        const Decimal seconds((charge->end - charge->start).micros / kMicrosPerSecond);
        const Decimal used = consumed->is_negative() ? -*consumed : *consumed;
        row.expect(consumed_quantity,
                   seconds - Decimal(1) < used && used < seconds + Decimal(1),
                   "the seconds from ChargePeriodStart to ChargePeriodEnd");
    }
}

// Price and quantity are held against the cost by the specification, but for corrections.
void check_costs(ChargeRow& row, StatementLineKind of) {
    using enum ChargePlace;
    static_cast<void>(row.decimal(billed_cost));
    for (const ChargePlace place : {contracted_cost, effective_cost, list_cost}) {
        row.expect(place, row[place] == row[billed_cost], "the same as BilledCost");
    }
    if (of == StatementLineKind::rounding) {
        for (const ChargePlace place : {list_unit_price, pricing_quantity}) {
            row.expect(place, row[place].empty(), "nothing in a rounding");
        }
    } else if (of != StatementLineKind::usage) {
        const auto price = row.decimal(list_unit_price);
        const auto quantity = row.decimal(pricing_quantity);
        const Result<Decimal> cost = Decimal::parse(row[list_cost]);
        row.expect(list_cost,
                   !price || !quantity || !cost.ok() || *price * *quantity == cost.value(),
                   "ListUnitPrice × PricingQuantity");
    }
}

}  // namespace

ChargeCheck::ChargeCheck(std::optional<Period> during) : during_(during) {
    const std::vector<std::string> columns = focus::column_names(focus::focus_1_2());
    for (const std::string_view name : kLookedAt) {
        const auto found = std::find(columns.begin(), columns.end(), name);
        DCM_CHECK(found != columns.end());
        places_.push_back(static_cast<std::size_t>(std::distance(columns.begin(), found)));
    }
}

std::vector<std::string> ChargeCheck::check(std::span<const std::string_view> cells) {
    std::array<std::string_view, kLookedAt.size()> looked_at;
    std::transform(places_.begin(), places_.end(), looked_at.begin(), [&cells](std::size_t place) {
        return cells[place];
    });
    ChargeRow row(kLookedAt, looked_at);
    latest_line_ = row.next_number(ChargePlace::line, latest_line_);
    const StatementLineKind kind = kind_of(row);
    const std::optional<Period> charge = read_charge(row);
    if (charge && during_) {
        row.expect_charge(
            {ChargePlace::charge_start, ChargePlace::charge_end}, *charge, kind, *during_);
    }
    check_consumed(row, kind, charge);
    check_costs(row, kind);
    row.expect_link(ChargePlace::corrects, kind, latest_line_);
    return row.take_problems();
}

}  // namespace dcm::exports
