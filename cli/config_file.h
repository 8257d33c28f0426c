#pragma once

#include "cli/config.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dcm::cli {

// How a field is written.
enum class FieldKind { text, url_list, database, path, count, duration, date, anchors, exports };

struct Field {
    std::string path;
    FieldKind kind = FieldKind::text;
    std::string fallback;
};

// Every field there is, with its default.
[[nodiscard]] const std::vector<Field>& config_fields();

// Reads a configuration file into `values`: each known key as text with its place. Lists are
// written with commas: URLs as they are, anchors as `file:PATH`, `stream:NAME` or `witness:URL`,
// exports by name, and as plans in `exports`. Relative paths become relative to the file's folder.
// Every fault of the file becomes a line of `problems`.
void read_config_file(const std::filesystem::path& file,
                      std::map<std::string, ConfigValue, std::less<>>& values,
                      std::vector<exports::ExportPlan>& exports,
                      std::vector<std::string>& problems);

}  // namespace dcm::cli
