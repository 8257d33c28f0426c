#pragma once

#include "anchors/anchor.h"
#include "anchors/anchor_set.h"
#include "cli/config.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace dcm::cli {

// The anchor files as configured; where no anchor is configured, one beside the database.
[[nodiscard]] std::vector<std::filesystem::path> anchor_files(
    const Config& config, const std::filesystem::path& database);

// The anchors as configured, in their order. Those that this version cannot write to are told in
// the log and do not count.
[[nodiscard]] std::vector<std::unique_ptr<anchors::Anchor>> make_anchors(
    const Config& config, const std::filesystem::path& database);

}  // namespace dcm::cli
