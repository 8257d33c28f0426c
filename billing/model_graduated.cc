#include "billing/price_model.h"

#include <algorithm>

namespace dcm::billing {

Decimal graduated_cost(const rules::Tiers& tiers, const Decimal& quantity) {
    Decimal cost;
    Decimal below;
    for (const rules::TierStep& step : tiers.steps) {
        if (quantity <= below) {
            break;
        }
        const Decimal top = step.up_to.has_value() ? std::min(quantity, *step.up_to) : quantity;
        cost += (top - below) * step.price + step.flat;
        below = top;
    }
    return cost;
}

}  // namespace dcm::billing
