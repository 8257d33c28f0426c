#pragma once

#include "exports/plan.h"
#include "rules/problems.h"
#include "rules/yaml_document.h"

#include <vector>

namespace dcm::cli {

// The entries of `exports:`. Every fault is added to `problems` with its place, what was expected
// and the nearest known word; a faulty entry is left out. A relative destination is relative to the
// file's folder.
[[nodiscard]] std::vector<exports::ExportPlan> read_exports(const rules::BookFile& file,
                                                            const rules::YamlNode& list,
                                                            rules::Problems& problems);

}  // namespace dcm::cli
