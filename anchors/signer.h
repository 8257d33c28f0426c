#pragma once

#include "anchors/anchor_set.h"
#include "anchors/log_opening.h"
#include "audit/note.h"
#include "audit/signer.h"
#include "base/clock.h"
#include "store/log_reader.h"

#include <filesystem>
#include <future>
#include <optional>
#include <string>

namespace dcm::anchors {

// `<database>.key`, `<database>.signer`, `<database>.anchors`: the places where none is configured.
[[nodiscard]] std::filesystem::path beside(const std::filesystem::path& database,
                                           const std::string& suffix);

// Signs checkpoints of what is committed, never before. Each time: read the new rows again, hash
// them, hold the result against the head (a bit flipped between hash and disk is caught here), its
// seal (what somebody without the key appended is caught here) and what was signed last, keep the
// state, sign, anchor, store.
//
// Reading, hashing, signing and anchoring go on in a thread and on a connection of their own,
// beside ingestion; what was signed is stored in the thread that calls, which is the writer's.
class Signer {
public:
    // Writer, anchors and key outlive this; the key is that of open_log, which found the database
    // to be what was signed. Throws Failure as signed_state does.
    Signer(store::Database& writer,
           const SignerSetup& setup,
           const LogKey& key,
           AnchorSet& anchors,
           const Clock& clock);

    // Stores what was signed meanwhile, and begins to sign when the last attempt is a second old.
    // Throws Failure when fewer than a quorum of anchors keep it or the rows are not what was
    // committed; then nothing is stored, and a later call tries again. Throws Diverged when an
    // anchor holds another history; then every later call does so too. True when an attempt has
    // ended well since the last call.
    bool sign_if_due();
    // Waits for what sign_if_due() began, and stores it.
    void wait();
    // Signs all that is committed, and stores it.
    void sign();

private:
    // What is anchored and is to be stored; nullopt when nothing was added.
    [[nodiscard]] std::optional<store::StoredCheckpoint> next_checkpoint(Retry retry);
    void store_signed();
    bool advance();

    store::Database& writer_;
    const Clock& clock_;
    // While signing_ is valid these are its thread's.
    store::Database reader_;
    std::filesystem::path state_file_;
    const LogKey& key_;
    AnchorSet& anchors_;
    audit::SignerState state_;
    std::int64_t signed_size_ = -1;

    Instant begun_at_;
    std::optional<store::StoredCheckpoint> signed_;  // not stored yet
    std::future<std::optional<store::StoredCheckpoint>> signing_;
};

}  // namespace dcm::anchors
