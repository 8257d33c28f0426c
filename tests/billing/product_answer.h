#pragma once

#include "billing/intervals.h"
#include "billing/report.h"
#include "reference_case.h"
#include "reference_rating.h"

#include <map>
#include <string>
#include <vector>

namespace dcm::billing {

// A case as the product reads it. parsed_book throws where the product refuses the book.
[[nodiscard]] rules::RuleBook parsed_book(const reference::Case& priced);
[[nodiscard]] std::map<InstanceKey, std::vector<AcceptedEvent>> events_of(
    const reference::Case& priced);

// What the product makes of a case's files and events: book parsed, intervals derived, rated,
// reported. Throws where it refuses the book.
[[nodiscard]] Report product_report(const reference::Case& priced);

[[nodiscard]] reference::Answer answer_of(const Report& report);

// The report as one JSON object, computed from nothing in particular.
[[nodiscard]] std::string product_json(const reference::Case& priced);

}  // namespace dcm::billing
