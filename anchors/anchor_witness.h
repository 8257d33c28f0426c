#pragma once

#include "anchors/anchor.h"
#include "anchors/http_client.h"
#include "anchors/tree_prover.h"
#include "audit/note.h"
#include "base/clock.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace dcm::anchors {

// Which witness, for the log in which database; what it cosigned last is remembered in a file.
struct WitnessAnchorSetup {
    std::string url;     // the submission prefix
    std::string origin;  // of the log; empty where it is not known
    // Its verifier key; without it its cosignatures are kept and cannot be checked.
    std::optional<audit::VerifierKey> key;
    std::filesystem::path memory;
    store::DatabaseUrl database;
};

// A C2SP tlog-witness: somebody else who cosigns each checkpoint that continues the one before it.
// It is asked at every reading: only the witness itself knows whether it has seen more than this
// database. When it cosigned is its own word, on which nothing rests: a time in the future is told.
class WitnessAnchor final : public Anchor {
public:
    WitnessAnchor(WitnessAnchorSetup setup, const Clock& clock);

    [[nodiscard]] std::string name() const override { return "witness " + setup_.url; }
    [[nodiscard]] bool is_remote() const override { return true; }
    void keep(const SignedCheckpoint& checkpoint) override;
    [[nodiscard]] std::optional<AnchorContent> read() override;
    [[nodiscard]] std::vector<std::string> warnings() const override;

private:
    // What a witness says: the note with its cosignature, or the size that it cosigned last.
    struct Answer {
        std::optional<std::string> cosigned;
        std::int64_t size = 0;
    };
    // Any other answer is a Failure.
    [[nodiscard]] Answer ask(std::int64_t old_size,
                             const audit::Checkpoint& checkpoint,
                             const std::string& note);
    void require_cosigned(const std::string& note);
    void look_at_time(const std::string& note);
    [[nodiscard]] std::optional<std::string> recall() const;
    // The note to ask about: the one that was cosigned last, else the newest stored.
    [[nodiscard]] std::optional<std::string> newest_note() const;
    [[noreturn]] void lost(std::int64_t told, std::int64_t kept) const;
    [[noreturn]] static void fail(const std::string& what);

    WitnessAnchorSetup setup_;
    const Clock& clock_;
    HttpClient client_;
    TreeProver prover_;
    bool is_ahead_ = false;  // its newest cosignature is dated in the future
};

}  // namespace dcm::anchors
