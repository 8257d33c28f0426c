#pragma once

#include "rules/yaml_reader.h"

namespace dcm::rules {

// Reads one entry of `cases:`. What is wrong with it is told.
[[nodiscard]] Case read_case(const YamlReader& reader, const YamlNode& node);

}  // namespace dcm::rules
