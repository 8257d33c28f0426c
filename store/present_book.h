#pragma once

#include "rules/rulebook.h"

#include <string_view>

namespace dcm::store {

// The rule book of now, which rates what is not closed; it outlives who uses it.
struct PresentBook {
    const rules::RuleBook& rules;
    std::string_view bytes;   // rules::digest_input
    std::string_view digest;  // `sha256:<hex>`
};

}  // namespace dcm::store
