#pragma once

#include "rules/lifecycle.h"
#include "rules/rulebook.h"

#include <string>
#include <vector>

namespace dcm::rules {

// A state in which instances of a service type can be charged.
struct ChargedState {
    std::string service_type;
    std::string state;
    // Those that alone charge it; empty: every provider does.
    std::vector<std::string> providers;
};

// In the order of service type and state, each pair once.
[[nodiscard]] std::vector<ChargedState> charged_states(const Lifecycle& lifecycle);

// Whether the rate can match an interval in this state.
[[nodiscard]] bool can_match(const Match& match, const ChargedState& charged);

}  // namespace dcm::rules
