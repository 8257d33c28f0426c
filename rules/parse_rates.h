#pragma once

#include "rules/yaml_reader.h"

#include <set>
#include <string>

namespace dcm::rules {

// Reads one entry of `rates:`. What is wrong with it is told; the rate is used only when nothing
// is. `ids` are those seen so far.
[[nodiscard]] Rate read_rate(const YamlReader& reader,
                             const YamlNode& node,
                             const Zone& zone,
                             std::set<std::string, std::less<>>& ids);

}  // namespace dcm::rules
