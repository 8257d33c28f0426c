#include "billing/price_model.h"

namespace dcm::billing {

Decimal package_cost(const rules::Tiers& tiers, const Decimal& quantity) {
    // Rounded to whole packages, then up where that was too few.
    Decimal packages = divide(quantity, tiers.package_size, 0, Rounding::half_even);
    if (packages * tiers.package_size < quantity) {
        packages += Decimal(1);
    }
    return packages * tiers.package_price;
}

}  // namespace dcm::billing
