#pragma once

#include "audit/evidence.h"
#include "audit/examined_row.h"
#include "audit/payload_check.h"
#include "audit/seal.h"
#include "audit/tile_check.h"
#include "audit/tree.h"
#include "audit/verdict.h"
#include "audit/verified_log.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::audit {

struct VerifyOptions {
    TrustedLog trusted;
    // So many anchors must agree.
    int quorum = 1;
    // What was verified before and need not be read again; empty to begin at the first record.
    VerifiedLog before;
    TileLookup stored_tile;
    ConsistencyLookup stored_proof;
};

// The tree as the database keeps it beside the records.
struct StoredTree {
    std::int64_t size = 0;
    std::string frontier;
    std::int64_t tile_count = 0;
    // The leaf hashes of the tile that is not full yet, where the store keeps them: with them a
    // changed record at the end of the log is found exactly, else only within its subtree.
    std::optional<std::string> edge;
    std::optional<Seal> seal;
};

// Derives everything again from the records and holds it against what is stored and signed. It
// reads nothing itself and holds a few hashes, so a log of any size passes through:
//
//     LogVerifier verifier(options, checkpoints, anchors);
//     verifier.add(examiner.examine(…));        // each row from options.before on, by seq
//     verifier.compare(tree);
//     const Verdict verdict = verifier.finish();
//
// Anchors are read before the snapshot of the rows is taken: read later, they may know more than
// the snapshot, and a log that merely grew would look rolled back.
class LogVerifier {
public:
    // `checkpoints` are of the size of options.before and larger.
    LogVerifier(VerifyOptions options, StoredNotes checkpoints, const std::vector<Anchor>& anchors);
    LogVerifier(const LogVerifier&) = delete;
    LogVerifier& operator=(const LogVerifier&) = delete;
    ~LogVerifier() = default;

    void add(ExaminedRow row);
    // What the caller found itself: a column of another type, a payload without its record.
    void add_finding(Finding finding) { findings_.add(std::move(finding)); }
    // What need not be read again; nullopt once anything speaks against the log or was not signed
    // by the key.
    [[nodiscard]] std::optional<VerifiedLog> verified();
    // After the last row, once. Absent when the database has no tables: then it is an empty log.
    void compare(const std::optional<StoredTree>& tree);
    // Instead of it, when the rows behind those given cannot be read: what is wrong with these is
    // told, and why there are no more.
    void cut_short(Finding why);
    // How many records there are, those of options.before among them.
    [[nodiscard]] std::int64_t size() const { return frontier_.size(); }
    [[nodiscard]] const Findings& findings() const { return findings_; }
    [[nodiscard]] Verdict finish();

private:
    void check_order(const ExaminedRow& row);
    // The keys that the notes were opened with are those that the records tell.
    void check_key_changes();
    void check_tree(const StoredTree& tree);
    // The first difference between the records and the stored tiles; the size of the log, when it
    // is known.
    void tell_tiles(std::optional<std::int64_t> size);
    // The size up to which the stored frontier is that of the records; nullopt when all of it is.
    [[nodiscard]] std::optional<std::int64_t> frontier_difference(const StoredTree& tree);
    void check_head(const StoredTree& tree);
    void check_tiles(const StoredTree& tree);
    // Every record must be under the seal of a writer.
    void check_seal(const StoredTree& tree);
    // Nothing speaks for a database without tables, not even a note of size 0.
    void check_quorum();
    [[nodiscard]] std::vector<ForkReport> forks() const;
    [[nodiscard]] std::vector<KeyChangeReport> key_changes() const;
    [[nodiscard]] std::optional<std::int64_t> first_bad_seq() const;
    void tampered(std::optional<std::int64_t> seq, std::string text);

    Findings findings_;
    VerifyOptions options_;
    Evidence evidence_;
    PayloadCheck payloads_;
    TileCheck tiles_;
    Frontier frontier_;
    std::int64_t next_seq_;
    std::optional<std::int64_t> last_recorded_at_;
    std::int64_t rows_ = 0;
    bool has_tree_ = false;
    bool is_cut_short_ = false;
    // A gap, a repetition or another order: from there on no index fits the tree.
    bool order_broken_ = false;
    // Leaves before the first one at which the stored frontier or tiles differ.
    std::optional<std::int64_t> stored_agrees_to_;
    // A seal is there, and it is not that of the records.
    bool seal_differs_ = false;
    std::vector<std::int64_t> key_changes_;  // the records that tell them
};

}  // namespace dcm::audit
