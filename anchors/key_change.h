#pragma once

#include "anchors/anchor_set.h"
#include "anchors/log_opening.h"
#include "base/clock.h"

#include <optional>
#include <string>

namespace dcm::anchors {

// A log goes on under another key: `audit key rotate`, `audit fork` (docs/formats/keys.md). Two
// steps, while nobody else writes. The first makes the new key in a file beside the old one and
// records the change in one transaction, which the new key seals; the second has both sign the
// checkpoint of that record and puts the new key in the place of the old one. Between them nobody
// writes to the log: its seal is not of the key that is there. After a crash the same command goes
// on where it stopped.

// A change that is recorded and not signed yet; nullopt when there is none. A key that was made for
// one that was never recorded is removed.
[[nodiscard]] std::optional<audit::KeyChange> unfinished_change(store::Database& database,
                                                                const SignerSetup& setup);

// Records `key.rotated`. Throws Failure like open_log.
[[nodiscard]] audit::KeyChange begin_rotation(store::Database& database,
                                              const SignerSetup& setup,
                                              AnchorSet& anchors,
                                              const Clock& clock,
                                              const std::string& actor);

struct Fork {
    std::string actor;
    std::string reason;
};
// Records `log.forked` behind an older copy, with what had been signed as far as the signer's state
// and the anchors know. nullopt, and nothing is written, when the database is what was signed.
// Throws NotAsSigned when it is not even an older state of that.
[[nodiscard]] std::optional<audit::KeyChange> begin_fork(store::Database& database,
                                                         const SignerSetup& setup,
                                                         AnchorSet& anchors,
                                                         const Clock& clock,
                                                         const Fork& fork);

// The second step; the anchors are made for the log under its present name. Throws Failure
// (environment) when fewer than a quorum of anchors keep the checkpoint: then it is to be repeated.
void finish_change(store::Database& database,
                   const SignerSetup& setup,
                   const audit::KeyChange& change,
                   AnchorSet& anchors,
                   const Clock& clock);

}  // namespace dcm::anchors
