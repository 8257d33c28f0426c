#pragma once

#include "anchors/signer.h"
#include "cli/config.h"
#include "cli/findings.h"
#include "store/health.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dcm::cli {

// The parts of `doctor`: each looks, changes nothing, and adds what it found.

// The database's file: kind, links, file system, permissions; its write-ahead log. False when there
// is none.
bool check_database_file(const store::DatabaseUrl& url, Findings& findings);
// Where the evidence lies on this machine that the database is held against.
struct EvidencePlaces {
    anchors::SignerPlaces signer;
    std::vector<std::filesystem::path> anchor_files;
    bool has_remote_anchor = false;
};
// Permissions of signer's state and anchor files; where they and the key lie.
void check_evidence_files(const EvidencePlaces& places,
                          const std::filesystem::path& database,
                          Findings& findings);
// Free space of every volume that is written to.
void check_volumes(const EvidencePlaces& places,
                   const std::filesystem::path& database,
                   Findings& findings);

// What was signed, as state and anchors outside the database tell it, judged by the key. Read
// before the database: read later, they may know more than it did.
struct SignedSizes {
    struct Anchor {
        std::string name;
        std::int64_t size = 0;              // of its newest note
        std::optional<Instant> written_at;  // when that came there
    };
    std::optional<std::int64_t> state;
    std::vector<Anchor> anchors;
};
[[nodiscard]] SignedSizes read_signed_sizes(const Config& config,
                                            const store::DatabaseUrl& database,
                                            const Clock& clock,
                                            Findings& findings);
// How far each anchor is behind what was signed.
void check_anchors(const SignedSizes& known,
                   std::int64_t signed_size,
                   Instant now,
                   Findings& findings);
// Whether there are as many anchors as must agree.
void check_quorum(const Config& config, Findings& findings);
// Settings of the database, and its log against what was signed and against the clock.
void check_database(const store::DatabaseFacts& facts, Findings& findings);
void check_log(const store::LogFacts& log,
               const SignedSizes& signed_sizes,
               Instant now,
               Findings& findings);

// The broker, within a bounded time, and its streams against what is recorded of them.
void check_broker(const Config& config,
                  const Clock& clock,
                  const store::KnownStreams& known,
                  Findings& findings);

// The judgements by themselves. `type` is statfs' f_type.
[[nodiscard]] Diagnosis judge_file_system(std::int64_t type);
struct Space {
    std::int64_t free_bytes = 0;
    std::int64_t total_bytes = 0;
};
[[nodiscard]] Diagnosis judge_space(const std::string& volume, Space space);

}  // namespace dcm::cli
