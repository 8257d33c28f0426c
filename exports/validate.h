#pragma once

#include "exports/manifest.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dcm::exports {

// What was found in one period of an export.
struct ValidatedPeriod {
    std::filesystem::path folder;  // of the export
    std::string period;            // or the part of the folder that is no folder
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
    std::vector<std::string> problems;
    std::vector<std::string> advice;
};

// Checks what was published below a folder, which is that of an export or one that holds exports:
// manifests, files, hashes, columns, control totals, and for FOCUS the rules of the specification.
// Needs neither database nor configuration. Visits each period in order: those with a manifest, and
// those with data and none. A link or anything else in the place of a file or folder is a problem.
// Throws Failure (environment) for what cannot be read.
void validate_exports(const std::filesystem::path& folder,
                      const std::function<void(const ValidatedPeriod&)>& visit);

}  // namespace dcm::exports
