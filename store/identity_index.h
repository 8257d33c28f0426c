#pragma once

#include "store/identity_filter.h"
#include "store/statement.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

struct EventKey {
    std::string_view source;
    std::string_view id;
};

// The first eight bytes of SHA-256 over source and id, each with its length before it.
[[nodiscard]] IdentityDigest identity_digest(const EventKey& key);

// A run as it is stored. Everything in it follows from its entries, which are sorted.
struct IdentityRunBytes {
    std::string filter;
    std::string fence;                // the first digest of each chunk
    std::vector<std::string> chunks;  // entries, digest and seq
};
[[nodiscard]] IdentityRunBytes lay_out_run(const std::vector<IdentityEntry>& entries);

struct IdentityRunKey {
    std::int64_t run = 0;
    std::int64_t from_seq = 0;
    std::int64_t to_seq = 0;  // not included
};
void insert_run(soci::session& session, const IdentityRunKey& key, const IdentityRunBytes& bytes);

// How the index hashes and how many entries make a run; tests give others.
struct IdentityOptions {
    IdentityDigest (*digest)(const EventKey&) = &identity_digest;
    std::size_t run_entries = 524'288;
};

// Finds accepted events by (source, id): exact and without a window. New events cost no page: they
// are collected in memory and laid down in sorted runs (migration 0004).
class IdentityIndex {
public:
    // Reads the runs' filters, and what came after the newest run from the log.
    IdentityIndex(soci::session& session, IdentityOptions options);
    IdentityIndex(const IdentityIndex&) = delete;
    IdentityIndex& operator=(const IdentityIndex&) = delete;
    ~IdentityIndex();

    [[nodiscard]] IdentityDigest digest_of(const EventKey& key) const {
        return options_.digest(key);
    }
    // Every record that may hold the identity; the caller compares the bytes. Valid until the next
    // call.
    [[nodiscard]] const std::vector<std::int64_t>& candidates(IdentityDigest digest);
    void add(const IdentityEntry& entry);
    // Lays down a run of everything up to `log_size` when enough is collected; in the caller's
    // transaction.
    void lay_down(std::int64_t log_size);

private:
    struct Run;

    void load_runs();
    void load_recent();
    void find_in_run(const Run& run, IdentityDigest digest);
    // Its chunks stay in the database.
    void keep_run(std::int64_t run, const IdentityRunBytes& bytes);

    soci::session& session_;
    IdentityOptions options_;
    std::vector<std::unique_ptr<Run>> runs_;
    std::int64_t runs_end_ = 0;  // log seq up to which runs reach
    RecentIdentities recent_;
    std::vector<std::int64_t> found_;

    std::int64_t run_no_ = 0;
    std::int64_t chunk_no_ = 0;
    std::string chunk_;
    soci::statement select_chunk_;
};

}  // namespace dcm::store
