#pragma once

#include "billing/event.h"

#include <cstdint>
#include <string>

namespace dcm::consumer {

// What `events check` prints about the message on line `line`: one JSON object, no line break
// (contracts.md, "JSON out").
[[nodiscard]] std::string check_line(std::int64_t line, const billing::Decision& decision);

}  // namespace dcm::consumer
