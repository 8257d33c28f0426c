#pragma once

#include <string>
#include <vector>

namespace dcm {

// Every name that Zone::find knows. For error messages.
[[nodiscard]] std::vector<std::string> zone_names();

}  // namespace dcm
