#pragma once

#include "store/closing_doubts.h"

#include <string>

namespace dcm::store {

// Accepted events whose word is none of the lifecycle that decides what they charge, so that they
// charge nothing: those of the month, those from before it that are in force when it begins, and
// those that correct closed months. Empty where there are none.
[[nodiscard]] std::string unknown_words(const LogReader& snapshot, const ClosingQuestion& question);

}  // namespace dcm::store
