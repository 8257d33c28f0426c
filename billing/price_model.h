#pragma once

#include "rules/rulebook.h"

#include <optional>

namespace dcm::billing {

// What a quantity costs under one rate: the part of domain.md section 4's order that works on the
// sum of a (tenant, meter, rate, period). Holds a reference to the rate.
class PriceModel {
public:
    explicit PriceModel(const rules::Rate& rate) : rate_(rate) {}

    // Set when cost is quantity × this for every line alone: no allowance, tiers or spend limits.
    // Such lines need no order and no neighbours.
    [[nodiscard]] std::optional<Decimal> unit_price() const;

    // F(x): the cost of the first `quantity` units of the period, the maximum spend applied.
    [[nodiscard]] Decimal cost_until(const Decimal& quantity) const;

    // What the last line of a period is charged on top, when all lines cost `total`.
    [[nodiscard]] Decimal missing_to_minimum(const Decimal& total) const;

private:
    const rules::Rate& rate_;
};

// The cost of the first `quantity` units after the allowance, one function per kind of tiers. A
// step is reached when the quantity exceeds what the steps below hold.

// Each step prices its own part; each step reached adds its flat.
[[nodiscard]] Decimal graduated_cost(const rules::Tiers& tiers, const Decimal& quantity);
// The step reached prices all of it, and adds its flat; the flats below are not charged.
[[nodiscard]] Decimal volume_cost(const rules::Tiers& tiers, const Decimal& quantity);
// A package that is begun costs its whole price.
[[nodiscard]] Decimal package_cost(const rules::Tiers& tiers, const Decimal& quantity);

}  // namespace dcm::billing
