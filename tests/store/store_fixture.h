#pragma once

#include "base/clock.h"
#include "rules/lifecycle.h"
#include "store/database.h"
#include "store/ingest_store.h"
#include "tests/support/log_key.h"
#include "tests/support/temp_dir.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dcm::store::test {

// What a test wants to say about a message; the rest has one sensible value.
struct EventSpec {
    std::string source = "dcm/providers/x";
    std::string id = "1";
    std::string service_type = "vm";
    std::string instance = "i-1";
    std::string word = "RUNNING";
    std::int64_t time_s = 1'777'629'600;  // 2026-05-01T10:00:00Z
    std::int64_t time_us = 0;             // and so much more
    std::int64_t stream_seq = 0;          // with one, the message comes from the broker
    std::string payload = "{}";
};

[[nodiscard]] DecidedMessage message_of(const EventSpec& spec);
[[nodiscard]] DecidedMessage rejected_message(billing::Reason reason);
// Drafts and appends.
IngestCounts record(IngestStore& store, const std::vector<DecidedMessage>& batch);
[[nodiscard]] std::vector<DraftedMessage> drafts_of(const std::vector<EventSpec>& specs);

class ManualClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }

private:
    Instant now_{1'800'000'000'000'000};
};

using TemporaryDirectory = support::TempDir;

[[nodiscard]] inline IngestOptions options_for(const std::string& book = "sha256:b1") {
    return {"svc:test/1", book, "version: 1\n"};
}

// A database in a directory of its own, and a store that writes to it.
struct Fixture {
    TemporaryDirectory directory;
    DatabaseUrl url{directory.path() / "billing.db"};
    ManualClock clock;
    rules::Lifecycle lifecycle = rules::standard_lifecycle();
    Database database = Database::open_for_writing(url);
    audit::SigningKey key = support::log_key(database);
    IngestStore store{database, lifecycle, key, clock, options_for()};

    IngestCounts append(const std::vector<EventSpec>& specs);
};

// For what tells how far it is, where a test does not ask.
inline constexpr auto kNoProgress = [](std::int64_t, std::int64_t) {};

// A file as it is on disk; empty where there is none.
[[nodiscard]] std::string bytes_of(const std::filesystem::path& path);

// One value of a query, as text; NULL is "NULL". Through a connection of its own.
[[nodiscard]] std::string query_text(const DatabaseUrl& url, const std::string& sql);
// All rows: columns joined with '|'.
[[nodiscard]] std::vector<std::string> query_rows(const DatabaseUrl& url, const std::string& sql);
// Runs statements; the error message, or empty. As any program with write access would.
[[nodiscard]] std::string run_sql(const DatabaseUrl& url, const std::string& sql);

// Holds the database's write lock, as another process would, until destruction.
class HeldWriteLock {
public:
    explicit HeldWriteLock(const DatabaseUrl& url);
    HeldWriteLock(const HeldWriteLock&) = delete;
    HeldWriteLock& operator=(const HeldWriteLock&) = delete;
    ~HeldWriteLock();

private:
    struct Connection;
    std::unique_ptr<Connection> connection_;
};

}  // namespace dcm::store::test
