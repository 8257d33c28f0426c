#include "billing/price_model.h"

namespace dcm::billing {

Decimal volume_cost(const rules::Tiers& tiers, const Decimal& quantity) {
    if (quantity.is_zero()) {
        return {};
    }
    for (const rules::TierStep& step : tiers.steps) {
        if (!step.up_to.has_value() || quantity <= *step.up_to) {
            return quantity * step.price + step.flat;
        }
    }
    return {};
}

}  // namespace dcm::billing
