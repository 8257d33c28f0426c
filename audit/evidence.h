#pragma once

#include "audit/log_keys.h"
#include "audit/note.h"
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
    std::optional<std::string> text = std::nullopt;
    // The size of the newest checkpoint that the place took, by its own word: a log must have as
    // many records. 0 when it does not say.
    std::int64_t size_told = 0;
};

// Whose notes count: signed by these keys and under their names.
struct TrustedLog {
    std::optional<LogKeys> keys;  // without them no note can be checked
};

// The signed notes against which the records are held, sorted by size. Notes that are malformed,
// not signed by the key or of another log become findings.
class Evidence {
public:
    // The stored checkpoints are taken one at a time: a log has as many as it is seconds old.
    Evidence(TrustedLog trusted, Findings& findings, StoredNotes stored);
    Evidence(const Evidence&) = delete;
    Evidence& operator=(const Evidence&) = delete;
    ~Evidence() = default;

    void add_anchors(const std::vector<Anchor>& anchors);
    // After add_anchors(). The records before `start` were verified earlier: of each anchor the
    // newest note below is held against that tree by a proof, which needs no trust in the tiles.
    void begin(const Frontier& start, const ConsistencyLookup& proof);

    // Holds every note of the tree's size against its root. Sizes only grow between calls.
    void compare(const Frontier& tree);
    // After the last record: what is larger than the log shows that it was rolled back. Every key
    // behind the trusted one must be vouched for by the one before it.
    void finish(std::int64_t size);

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
    struct Source {
        AnchorReport report;
        bool is_anchor = false;
        std::int64_t size_told = 0;
        std::optional<std::int64_t> agreed_size;
        bool lost = false;  // it holds a note of a branch that a fork left behind
        bool ahead = false;
        bool differs = false;
        bool refused = false;
    };
    struct Claim {
        std::int64_t size = 0;
        Hash root{};
        std::size_t source = 0;
    };

    void add_anchor(const Anchor& anchor);
    // The next stored checkpoint that says anything; findings come of the others.
    std::optional<Claim> next_stored();
    void compare(const Claim& claim, const Hash& root);
    void agree(const Claim& claim);
    void differ(const Claim& claim, const std::string& from);
    void exceed(const Claim& claim, std::int64_t size);
    void compare_by_proof(const Claim& claim,
                          const Frontier& start,
                          const ConsistencyLookup& proof);
    void prove_change(const Checkpoint& checkpoint);
    // The checkpoint in a note of the source; nullopt after a finding, and when it is none about
    // these records.
    std::optional<Checkpoint> open(std::string_view note, std::size_t source);
    void refuse(std::size_t source, Finding finding);
    [[nodiscard]] std::string describe(const Claim& claim) const;

    TrustedLog trusted_;
    Findings& findings_;
    StoredNotes stored_;
    std::optional<Claim> stored_claim_;
    std::vector<Source> sources_;  // the first stands for the database's own checkpoints
    std::vector<Claim> claims_;
    std::vector<KeyChange> unproven_changes_;
    std::size_t next_ = 0;
    std::int64_t agreed_size_ = 0;
    std::optional<std::int64_t> disputed_size_;
};

}  // namespace dcm::audit
