#pragma once

#include "billing/statement.h"
#include "focus/charge.h"

#include <vector>

namespace dcm::focus::testing {

// A statement with a line of every kind: a price per hour, tiers, both halves of a correction, a
// late line, and the rounding.
[[nodiscard]] std::vector<billing::StatementLine> sample_lines();

[[nodiscard]] ChargedPeriod sample_period(bool is_closed);

}  // namespace dcm::focus::testing
