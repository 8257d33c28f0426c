#pragma once

#include "audit/hash.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// What a finding proves. The first one that applies, in this order, decides the verdict (contracts,
// "Exit codes": 1, 3, 5, 6, 4).
//
// `unguarded`: triggers that refuse changes are missing. That changed no record, so it decides only
// where nothing else does (ADR 41).
enum class FindingKind { tampered, malformed, rolled_back, unproven, unreadable, unguarded };

struct Finding {
    FindingKind kind = FindingKind::tampered;
    std::optional<std::int64_t> seq;  // the first record concerned, where that is known
    std::string text;
    // A signed note that does not fit the records: one wrong record makes one of every note behind
    // it.
    bool is_disputed_note = false;

    bool operator==(const Finding&) const = default;
};

// Findings kept word for word; more are only counted. Disputed notes leave room for the others.
inline constexpr std::size_t kFindingsMax = 100;
inline constexpr std::size_t kDisputedNotesMax = 50;

// What became of one anchor.
enum class AnchorState {
    agrees,    // its newest note is the log's root at that size
    ahead,     // it knows a larger log
    differs,   // its note and the records do not fit
    refused,   // a note that is malformed, unsigned or of another log
    forked,    // it knows only what a fork left behind
    missing,   // not there, or empty
    unchecked  // without a verifier key, or the records are too damaged to compare
};

struct AnchorReport {
    std::string name;
    AnchorState state = AnchorState::unchecked;
    std::int64_t notes = 0;
    std::int64_t size = 0;  // of the newest of its notes that the key signed

    bool operator==(const AnchorReport&) const = default;
};

// A `log.forked` record: the log goes on behind an older copy.
struct ForkReport {
    std::int64_t seq = 0;  // the record; so many are from before
    std::int64_t lost_size = 0;
    std::string reason;

    bool operator==(const ForkReport&) const = default;
};

// A record by which the log went on under another key; so does a fork.
struct KeyChangeReport {
    std::int64_t seq = 0;
    std::string new_key;  // the verifier key

    bool operator==(const KeyChangeReport&) const = default;
};

// What was found out of the tables that follow from the log.
struct DerivedReport {
    // Not with a log that is not what was recorded.
    bool is_compared = false;
    // Records that instances and intervals follow; those behind them are derived when it is asked
    // for them.
    std::int64_t projected = 0;
    // Else under one that was in use before.
    bool follows_book_in_use = true;
};

struct Verdict {
    int exit_code = 0;
    std::string_view word;  // verified, tampered, malformed, rolled_back, unproven, unreadable
    std::int64_t size = 0;
    Hash root{};
    std::optional<std::int64_t> first_bad_seq;
    std::vector<Finding> findings;
    std::int64_t findings_omitted = 0;
    std::int64_t disputed_notes = 0;  // kept or not
    std::vector<AnchorReport> anchors;
    std::vector<ForkReport> forks;
    // Oldest first; empty unless each key is vouched for by the one before it.
    std::vector<KeyChangeReport> key_changes;
    std::optional<DerivedReport> derived;  // where it was asked for
    std::vector<std::string> schema;  // what in it is not as this program makes it, judged or not
    std::int64_t records_checked = 0;
    std::int64_t verified_before = 0;  // records that were not read again
    // Records that no agreeing anchor covers; they were verified against the head.
    std::int64_t records_after_anchor = 0;
};

[[nodiscard]] int exit_code_of(FindingKind kind);
[[nodiscard]] std::string_view word_of(FindingKind kind);
[[nodiscard]] std::string_view word_of(AnchorState state);

// What `audit verify --json` prints: one object on one line, ended by a line feed.
[[nodiscard]] std::string verdict_json(const Verdict& verdict);

// Collects findings up to a limit; what decides the verdict is never lost.
class Findings {
public:
    void add(Finding finding);
    [[nodiscard]] std::optional<FindingKind> worst() const { return worst_; }
    // How many say that something was tampered with.
    [[nodiscard]] std::int64_t tampered() const { return tampered_; }
    // The smallest seq of those that say the log was tampered with.
    [[nodiscard]] std::optional<std::int64_t> first_bad_seq() const { return first_bad_seq_; }
    [[nodiscard]] const std::vector<Finding>& kept() const { return kept_; }
    [[nodiscard]] std::int64_t omitted() const { return omitted_; }
    [[nodiscard]] std::int64_t disputed_notes() const { return disputed_notes_; }

private:
    std::vector<Finding> kept_;
    std::int64_t omitted_ = 0;
    std::int64_t disputed_notes_ = 0;
    std::int64_t tampered_ = 0;
    std::optional<FindingKind> worst_;
    std::optional<std::int64_t> first_bad_seq_;
};

// Text from a file or database for a message: bytes outside printable ASCII as \xNN, and cut when
// it is long.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace dcm::audit
