#pragma once

#include "billing/report.h"
#include "reference_case.h"
#include "reference_rating.h"

#include <string>

namespace dcm::billing {

// What the product makes of a case's files and events: book parsed, intervals derived, rated,
// reported. Throws where it refuses the book.
[[nodiscard]] Report product_report(const reference::Case& priced);

[[nodiscard]] reference::Answer answer_of(const Report& report);

// The report as one JSON object, computed from nothing in particular.
[[nodiscard]] std::string product_json(const reference::Case& priced);

}  // namespace dcm::billing
