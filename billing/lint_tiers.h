#pragma once

#include "rules/lint.h"

namespace dcm::billing {

// Warns of volume tiers in which more usage costs less: where a step is left for the next, cheaper
// one, with what both sides cost (allowance, discount and spend limits applied).
void lint_volume_tiers(const rules::PlacedBook& of, rules::Problems& problems);

}  // namespace dcm::billing
