#include "billing/price_model.h"

#include <algorithm>

namespace dcm::billing {
namespace {

Decimal tier_cost(const rules::Tiers& tiers, const Decimal& quantity) {
    switch (tiers.mode) {
        case rules::TierMode::graduated:
            return graduated_cost(tiers, quantity);
        case rules::TierMode::volume:
            return volume_cost(tiers, quantity);
        case rules::TierMode::package:
            break;
    }
    return package_cost(tiers, quantity);
}

}  // namespace

std::optional<Decimal> PriceModel::unit_price() const {
    const bool stands_alone = rate_.price.has_value() && rate_.free.is_zero() &&
                              !rate_.minimum_spend.has_value() && !rate_.maximum_spend.has_value();
    if (!stands_alone) {
        return std::nullopt;
    }
    return *rate_.price * (Decimal(1) - rate_.discount);
}

// Granularity and minimum are in the quantity already. What is left of the order: free allowance,
// tiers (or the flat price), discount, maximum spend; the minimum spend is for the last line.
Decimal PriceModel::cost_until(const Decimal& quantity) const {
    const Decimal charged = std::max(Decimal(), quantity - rate_.free);
    const Decimal list_cost =
        rate_.tiers.has_value() ? tier_cost(*rate_.tiers, charged) : charged * *rate_.price;
    const Decimal discounted = list_cost * (Decimal(1) - rate_.discount);
    return rate_.maximum_spend.has_value() ? std::min(discounted, *rate_.maximum_spend)
                                           : discounted;
}

Decimal PriceModel::missing_to_minimum(const Decimal& total) const {
    if (!rate_.minimum_spend.has_value()) {
        return {};
    }
    // A maximum below the minimum wins: it comes last in the order.
    const Decimal least = rate_.maximum_spend.has_value()
                              ? std::min(*rate_.minimum_spend, *rate_.maximum_spend)
                              : *rate_.minimum_spend;
    return std::max(Decimal(), least - total);
}

}  // namespace dcm::billing
