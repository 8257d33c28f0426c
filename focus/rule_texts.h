#pragma once

#include <string_view>

namespace dcm::focus {

// The rule tables of this folder as they were when the program was built.
extern const std::string_view kRules12;

}  // namespace dcm::focus
