#pragma once

#include "store/digest_filter.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// A key of two texts: source and id of an event, service type and id of an instance.
struct TextPair {
    std::string_view first;
    std::string_view second;
};

// The first eight bytes of SHA-256 over both texts, each with its length before it.
[[nodiscard]] Digest digest_of(const TextPair& key);

// What an index holds and where it lies.
struct DigestIndexKind {
    const char* runs;  // tables
    const char* chunks;
    // The record that made each key known, from a seq on and in order, and the key's two texts.
    const char* select_entries;
};
// Accepted events by (source, id).
extern const DigestIndexKind kIdentityIndex;
// Stored instances by (service type, instance id), under the record of their first event's verdict.
extern const DigestIndexKind kInstanceIndex;

// A run as it is stored. Everything in it follows from its entries, which are sorted.
struct RunBytes {
    std::string filter;
    std::string fence;                // the first digest of each chunk
    std::vector<std::string> chunks;  // entries, digest and seq
};
[[nodiscard]] RunBytes lay_out_run(const std::vector<DigestEntry>& entries);
// What a stored chunk holds.
[[nodiscard]] std::size_t entries_in(std::string_view chunk);
[[nodiscard]] DigestEntry entry_at(std::string_view chunk, std::size_t index);

struct RunKey {
    std::int64_t run = 0;
    std::int64_t from_seq = 0;
    std::int64_t to_seq = 0;  // not included
};
void insert_run(soci::session& session,
                const DigestIndexKind& kind,
                const RunKey& key,
                const RunBytes& bytes);

// How an index hashes and how many entries make a run; tests give others.
struct DigestOptions {
    Digest (*digest)(const TextPair&) = &digest_of;
    std::size_t run_entries = 524'288;
};

// Finds records by a key: exact and without a window. New keys cost no page: they are collected in
// memory and laid down in sorted runs (ADR 8).
class DigestIndex {
public:
    // Reads the runs' filters, and what came after the newest run from where the entries come from.
    DigestIndex(soci::session& session, const DigestIndexKind& kind, DigestOptions options);
    DigestIndex(const DigestIndex&) = delete;
    DigestIndex& operator=(const DigestIndex&) = delete;
    ~DigestIndex();

    [[nodiscard]] Digest digest_of(const TextPair& key) const { return options_.digest(key); }
    // Every record that may hold the key; the caller compares the bytes. Valid until the next call.
    [[nodiscard]] const std::vector<std::int64_t>& candidates(Digest digest);
    void add(const DigestEntry& entry);
    // Lays down a run of everything up to `log_size` when enough is collected; in the caller's
    // transaction.
    void lay_down(std::int64_t log_size);
    // Whether the stored runs reach as far as those in memory: another process may lay down some.
    [[nodiscard]] bool is_current();

private:
    struct Run;

    void load_runs();
    void load_recent();
    void find_in_run(const Run& run, Digest digest);
    // Its chunks stay in the database.
    void keep_run(std::int64_t run, const RunBytes& bytes);

    soci::session& session_;
    const DigestIndexKind& kind_;
    DigestOptions options_;
    std::vector<std::unique_ptr<Run>> runs_;
    std::int64_t runs_end_ = 0;  // log seq up to which runs reach
    RecentDigests recent_;
    std::vector<std::int64_t> found_;
    RowStatement select_chunk_;
    RowStatement select_end_;
};

}  // namespace dcm::store
