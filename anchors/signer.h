#pragma once

#include "anchors/anchor_set.h"
#include "audit/note.h"
#include "audit/signer.h"
#include "base/clock.h"
#include "store/log_reader.h"

#include <filesystem>
#include <future>
#include <optional>
#include <string>

namespace dcm::anchors {

// Where the signer keeps what it needs, outside the database.
struct SignerPlaces {
    std::filesystem::path key;
    std::filesystem::path state;
};

// Which log is signed, and as what.
struct SignerSetup {
    store::DatabaseUrl url;
    std::string deployment;
    SignerPlaces places;
};

// `<database>.key`, `<database>.signer`, `<database>.anchors`: the places where none is configured.
[[nodiscard]] std::filesystem::path beside(const std::filesystem::path& database,
                                           const std::string& suffix);

// `<deployment>/audit/<log id>`: the origin line of checkpoints and the name of the key.
[[nodiscard]] std::string origin_of(const std::string& deployment, const std::string& log_id);

// Signs checkpoints of what is committed, never before. Each time: read the new rows again, hash
// them, hold the result against the head (a bit flipped between hash and disk is caught here) and
// against what was signed last, keep the state, sign, anchor, store.
//
// Reading, hashing, signing and anchoring go on in a thread and on a connection of their own,
// beside ingestion; what was signed is stored in the thread that calls, which is the writer's.
class Signer {
public:
    // Makes the key where the log was never signed. Throws Failure: malformed when the key is not
    // this log's, or is lost; environment when the database is older than what was signed: it was
    // rolled back or restored from a backup.
    Signer(store::Database& writer,
           const SignerSetup& setup,
           AnchorSet& anchors,
           const Clock& clock);

    // Stores what was signed meanwhile, and begins to sign when the last attempt is a second old.
    // Throws Failure when fewer than a quorum of anchors keep it or the rows are not what was
    // committed; then nothing is stored, and a later call tries again. Throws Diverged when an
    // anchor holds another history; then every later call does so too.
    void sign_if_due();
    // Waits for what sign_if_due() began, and stores it.
    void wait();
    // Signs all that is committed, and stores it.
    void sign();

private:
    [[nodiscard]] audit::SigningKey key_of_log();
    [[nodiscard]] audit::SignerState state_before(const store::LogReader& snapshot) const;
    // What is anchored and is to be stored; nullopt when nothing was added.
    [[nodiscard]] std::optional<store::StoredCheckpoint> next_checkpoint(Retry retry);
    void store_signed();
    bool advance();

    store::Database& writer_;
    const Clock& clock_;
    // While signing_ is valid these are its thread's.
    store::Database reader_;
    SignerPlaces places_;
    std::string origin_;
    audit::SigningKey key_;
    AnchorSet& anchors_;
    audit::SignerState state_;
    std::int64_t signed_size_ = -1;

    Instant begun_at_;
    std::optional<store::StoredCheckpoint> signed_;  // not stored yet
    std::future<std::optional<store::StoredCheckpoint>> signing_;
};

}  // namespace dcm::anchors
