#include "cli/anchors.h"

#include "anchors/anchor_file.h"
#include "anchors/signer.h"

#include <spdlog/spdlog.h>

namespace dcm::cli {

std::vector<std::filesystem::path> anchor_files(const Config& config,
                                                const std::filesystem::path& database) {
    std::vector<std::filesystem::path> files;
    for (const AnchorConfig& anchor : config.audit.anchors) {
        if (anchor.kind == AnchorConfig::Kind::file) {
            files.emplace_back(anchor.target);
        }
    }
    if (config.audit.anchors.empty()) {
        files.push_back(anchors::beside(database, ".anchors"));
    }
    return files;
}

std::vector<std::unique_ptr<anchors::Anchor>> make_anchors(const Config& config,
                                                           const std::filesystem::path& database) {
    std::vector<std::unique_ptr<anchors::Anchor>> made;
    for (const std::filesystem::path& file : anchor_files(config, database)) {
        made.push_back(std::make_unique<anchors::FileAnchor>(file));
    }
    for (const AnchorConfig& anchor : config.audit.anchors) {
        if (anchor.kind != AnchorConfig::Kind::file) {
            spdlog::warn("audit.anchors: this version anchors in files only, {} is left out",
                         without_secrets(anchor.target));
        }
    }
    return made;
}

}  // namespace dcm::cli
