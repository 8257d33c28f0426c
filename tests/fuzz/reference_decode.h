#pragma once

#include "base/message.h"
#include "billing/event.h"
#include "consumer/decode.h"

namespace dcm::fuzz {

// domain.md section 1, rules 1 to 6, rule by rule and as slow as it likes. It shares no code with
// consumer/decode, so that the two can be held against each other. Details are left empty.
[[nodiscard]] billing::Decision decide(const Message& message,
                                       const consumer::DecodeLimits& limits);

}  // namespace dcm::fuzz
