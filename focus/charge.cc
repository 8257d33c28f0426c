#include "focus/charge.h"

namespace dcm::focus {

Charge::Charge(const billing::StatementLine& line)
    : line_(line),
      cost_(line.cost.to_string()),
      quantity_(line.quantity.to_string()),
      unit_price_(line.unit_price.has_value() ? line.unit_price->to_string() : "") {}

}  // namespace dcm::focus
