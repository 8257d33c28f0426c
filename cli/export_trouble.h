#pragma once

#include "cli/shell.h"
#include "exports/publish.h"

#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {

// A period of an export as a run left it: published, or why it is not.
struct ExportedResult {
    std::string period;  // empty: why the rest of the run was not made
    std::optional<exports::Published> published;
    std::string trouble;
    int exit_code = kExitDone;
};
using ExportedResults = std::vector<ExportedResult>;

// What a run ends with that failed so: what speaks against the export is a negative answer, as is
// that it was asked to stop; else the code that the failure has in every command.
[[nodiscard]] int export_exit_code(const std::exception& failure);

[[nodiscard]] ExportedResult failed_result(std::string period, const std::exception& failure);

// What is no month's: the periods beyond `keep`, which could not be removed.
inline constexpr const char* kOldPeriods = "old periods";

// What failed of a run, as `export list` tells it: a line each that begins with its period, or with
// none. Empty where nothing did.
[[nodiscard]] std::string trouble_text(const ExportedResults& results);

// Of such a text what is told of other periods than this month: what kept all of them from being
// made did not keep this one.
[[nodiscard]] std::string other_trouble(const std::string& trouble, const std::string& month);

}  // namespace dcm::cli
