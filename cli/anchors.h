#pragma once

#include "anchors/anchor.h"
#include "anchors/anchor_set.h"
#include "audit/evidence.h"
#include "audit/verdict.h"
#include "cli/config.h"
#include "cli/shell.h"
#include "store/database.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dcm::cli {

// Whether a file is one of these, by whatever name.
[[nodiscard]] bool is_among(const std::vector<std::filesystem::path>& files,
                            const std::filesystem::path& file);

// The anchor files as configured; where no anchor is configured, one beside the database.
[[nodiscard]] std::vector<std::filesystem::path> anchor_files(
    const Config& config, const std::filesystem::path& database);

// For which log anchors are made.
struct AnchoredLog {
    store::DatabaseUrl database;
    std::string origin;  // empty where it is not known
};

[[nodiscard]] AnchoredLog anchored_log(const Config& config,
                                       const store::DatabaseUrl& url,
                                       store::Database& database);

// The anchors as configured, in their order.
[[nodiscard]] std::vector<std::unique_ptr<anchors::Anchor>> make_anchors(const Config& config,
                                                                         const AnchoredLog& log,
                                                                         const Clock& clock);

// The same, with the quorum, for who writes to the log.
[[nodiscard]] anchors::AnchorSet make_anchor_set(Shell& shell, store::Database& database);

// A line on stderr.
void tell(const std::string& text);

// What the anchors hold, for the verifier. One that cannot be read is told on stderr and is one
// that is not there; one that was lost is a finding.
struct AnchorReading {
    std::vector<audit::Anchor> anchors;
    std::vector<audit::Finding> findings;
};
[[nodiscard]] AnchorReading read_anchors(
    const std::vector<std::unique_ptr<anchors::Anchor>>& anchors);

}  // namespace dcm::cli
