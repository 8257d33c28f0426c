#pragma once

#include "audit/log_keys.h"
#include "audit/note.h"
#include "audit/note_stream.h"
#include "audit/proof.h"
#include "audit/tree.h"
#include "audit/verdict.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// A checkpoint as the database keeps it.
struct StoredNote {
    std::int64_t size = 0;  // the column beside it
    std::string note;
};

// Gives the stored checkpoints one after the other by their size, then nullopt.
using StoredNotes = std::function<std::optional<StoredNote>()>;

// The consistency proof between two sizes as the stored tiles give it; nullopt when they give none.
using ConsistencyLookup = std::function<std::optional<std::vector<Hash>>(const ConsistencyQuery&)>;

// A place outside the database that holds notes: a file, a stream, a note given by hand.
struct Anchor {
    std::string name;
    // Notes, one after the other. Absent when the place is not there or cannot be reached.
    std::optional<TextParts> text = std::nullopt;
    // The size of the newest checkpoint that the place took, by its own word: a log must have as
    // many records. 0 when it does not say.
    std::int64_t size_told = 0;
};

// Whose notes count: signed by these keys and under their names.
struct TrustedLog {
    std::optional<LogKeys> keys;  // without them no note can be checked
    // The key came after the log: it signed nothing of it, and more records than it has. What
    // another key signed is then no claim that can be checked, instead of a forged one.
    bool came_after = false;
};

// The signed notes against which the records are held. Notes that are malformed, not signed by the
// key or of another log become findings.
//
// Those of the database and of each anchor are taken one at a time: a log has as many as it is
// seconds old. They are expected by their size, as they were made; a note that comes late is held
// against the tree by a proof.
class Evidence {
public:
    Evidence(TrustedLog trusted, Findings& findings, StoredNotes stored);
    Evidence(const Evidence&) = delete;
    Evidence& operator=(const Evidence&) = delete;
    ~Evidence() = default;

    void add_anchors(const std::vector<Anchor>& anchors);
    // After add_anchors(). The records before `start` were verified earlier: of each anchor the
    // newest note below is held against that tree by a proof, which needs no trust in the tiles.
    void begin(const Frontier& start, ConsistencyLookup proof);

    // Holds every note of the tree's size against its root. Sizes only grow between calls.
    void compare(const Frontier& tree);
    // After the last record: what is larger than the log shows that it was rolled back. Every key
    // behind the trusted one must be vouched for by the one before it.
    void finish(const Frontier& tree);
    // In its place, where the records form no tree: the notes that are left are read and counted.
    void finish_without_tree();

    // Whether each key up to this size is vouched for by the one before it.
    [[nodiscard]] bool has_proven_changes(std::int64_t size) const;
    // The largest size at which a note agreed: the records before it are those that were signed.
    [[nodiscard]] std::int64_t agreed_size() const { return agreed_size_; }
    // The smallest size at which one disagreed.
    [[nodiscard]] std::optional<std::int64_t> disputed_size() const { return disputed_size_; }
    // The largest size at which an anchor agreed; absent when none did.
    [[nodiscard]] std::optional<std::int64_t> anchored_size() const;
    [[nodiscard]] int agreeing_anchors() const;
    [[nodiscard]] std::vector<AnchorReport> reports() const;

private:
    struct Claim {
        std::int64_t size = 0;
        Hash root{};
        std::size_t source = 0;
    };
    struct Source {
        AnchorReport report;
        bool is_anchor = false;
        std::optional<NoteStream> notes;  // of an anchor whose notes can be checked
        std::optional<Claim> claim;       // the next one
        std::int64_t size_told = 0;
        std::optional<std::int64_t> agreed_size;
        bool lost = false;  // it holds a note of a branch that a fork left behind
        bool ahead = false;
        bool differs = false;
        bool refused = false;
    };

    void add_anchor(const Anchor& anchor);
    // Takes the next note of the source that says anything; findings come of the others.
    void take_claim(std::size_t source);
    std::optional<Claim> next_stored();
    std::optional<Claim> next_anchored(std::size_t source);
    void skip_before(const Frontier& start, std::size_t source);
    void find_next_size();
    void compare(const Claim& claim, const Frontier& tree, const Hash& root);
    void compare_by_proof(const Claim& claim, const Frontier& tree);
    void agree(const Claim& claim);
    void differ(const Claim& claim, const std::string& from);
    void exceed(const Claim& claim, std::int64_t size);
    void prove_change(const Checkpoint& checkpoint);
    // The checkpoint in a note of the source; nullopt after a finding, and when it is none about
    // these records.
    std::optional<Checkpoint> open(std::string_view note, std::size_t source);
    void refuse(std::size_t source, Finding finding);
    [[nodiscard]] std::string describe(const Claim& claim) const;

    TrustedLog trusted_;
    Findings& findings_;
    StoredNotes stored_;
    ConsistencyLookup proof_;
    std::vector<Source> sources_;  // the first stands for the database's own checkpoints
    std::int64_t next_size_ = 0;   // of the smallest claim to come
    std::vector<KeyChange> unproven_changes_;
    std::int64_t agreed_size_ = 0;
    std::optional<std::int64_t> disputed_size_;
};

}  // namespace dcm::audit
