#pragma once

#include <map>
#include <string>

namespace dcm::fuzz {

// Of each service type its words, and the statuses they stand for.
using Words = std::map<std::string, std::map<std::string, std::string>>;

// The table of domain.md section 2.
[[nodiscard]] const Words& lifecycle_words();

}  // namespace dcm::fuzz
