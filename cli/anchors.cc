#include "cli/anchors.h"

#include "anchors/anchor_file.h"
#include "anchors/anchor_stream.h"
#include "anchors/anchor_witness.h"
#include "anchors/signer.h"
#include "audit/hash.h"
#include "billing/terminal_text.h"
#include "cli/nats.h"
#include "store/log_reader.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

namespace dcm::cli {
namespace {

anchors::StreamAnchorSetup stream_setup(const Config& config,
                                        const AnchorConfig& anchor,
                                        const AnchoredLog& log) {
    return {nats_options(config.nats),
            anchor.target,
            log.origin,
            anchors::beside(log.database.path, ".stream-" + anchor.target),
            log.database};
}

anchors::WitnessAnchorSetup witness_setup(const AnchorConfig& anchor, const AnchoredLog& log) {
    constexpr std::size_t digits = 16;
    anchors::WitnessAnchorSetup setup{anchor.target, log.origin, std::nullopt, {}, log.database};
    if (!anchor.key.empty()) {
        setup.key = value_or_throw(audit::VerifierKey::parse(anchor.key));
    }
    // A URL is no name of a file.
    const std::string name = audit::to_hex(audit::sha256(anchor.target)).substr(0, digits);
    setup.memory = anchors::beside(log.database.path, ".witness-" + name);
    return setup;
}

}  // namespace

void tell(const std::string& text) {
    static_cast<void>(
        std::fprintf(stderr, "dcm-billing: %s\n", billing::visible_text(text).c_str()));
}

bool is_among(const std::vector<std::filesystem::path>& files, const std::filesystem::path& file) {
    const auto whole = [](const std::filesystem::path& path) {
        return std::filesystem::absolute(path).lexically_normal();
    };
    return std::any_of(files.begin(), files.end(), [&](const std::filesystem::path& other) {
        std::error_code missing;
        return std::filesystem::equivalent(other, file, missing) || whole(other) == whole(file);
    });
}

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

AnchoredLog anchored_log(const Config& config,
                         const store::DatabaseUrl& url,
                         store::Database& database) {
    return {url, anchors::origin_of(config.audit.deployment, store::LogReader(database).log_id())};
}

std::vector<std::unique_ptr<anchors::Anchor>> make_anchors(const Config& config,
                                                           const AnchoredLog& log,
                                                           const Clock& clock) {
    std::vector<std::unique_ptr<anchors::Anchor>> made;
    std::vector<std::filesystem::path> files;
    for (const AnchorConfig& anchor : config.audit.anchors) {
        switch (anchor.kind) {
            case AnchorConfig::Kind::file:
                if (!is_among(files, anchor.target)) {
                    files.emplace_back(anchor.target);
                    made.push_back(std::make_unique<anchors::FileAnchor>(anchor.target));
                }
                break;
            case AnchorConfig::Kind::stream:
                made.push_back(
                    std::make_unique<anchors::StreamAnchor>(stream_setup(config, anchor, log)));
                break;
            case AnchorConfig::Kind::witness:
                made.push_back(
                    std::make_unique<anchors::WitnessAnchor>(witness_setup(anchor, log), clock));
                break;
        }
    }
    if (config.audit.anchors.empty()) {
        made.push_back(
            std::make_unique<anchors::FileAnchor>(anchors::beside(log.database.path, ".anchors")));
    }
    return made;
}

anchors::AnchorSet make_anchor_set(Shell& shell, store::Database& database) {
    const Config& config = shell.config();
    return {
        make_anchors(config, anchored_log(config, shell.database_url(), database), shell.clock()),
        config.audit.quorum,
        shell.clock()};
}

AnchorReading read_anchors(const std::vector<std::unique_ptr<anchors::Anchor>>& anchors) {
    AnchorReading reading;
    for (const std::unique_ptr<anchors::Anchor>& anchor : anchors) {
        audit::Anchor found{anchor->name(), std::nullopt, 0};
        try {
            if (std::optional<anchors::AnchorContent> content = anchor->read()) {
                found.text = std::move(content->notes);
                found.size_told = content->size_told;
            }
            for (const std::string& warning : anchor->warnings()) {
                tell("anchor " + found.name + ": " + warning);
            }
        } catch (const anchors::AnchorLost& lost) {
            reading.findings.push_back({audit::FindingKind::unproven, std::nullopt, lost.what()});
        } catch (const Failure& failure) {
            tell("anchor " + found.name + ": " + failure.what());
        }
        reading.anchors.push_back(std::move(found));
    }
    return reading;
}

}  // namespace dcm::cli
