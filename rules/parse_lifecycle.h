#pragma once

#include "rules/lifecycle.h"
#include "rules/yaml_reader.h"

#include <set>
#include <string>

namespace dcm::rules {

// Reads one file's `lifecycle:` into `lifecycle`: the differences it states. A service type that an
// earlier file of the book changed already is told; `changed` are those types.
void read_lifecycle(const YamlReader& reader,
                    const YamlNode& node,
                    Lifecycle& lifecycle,
                    std::set<std::string, std::less<>>& changed);

}  // namespace dcm::rules
