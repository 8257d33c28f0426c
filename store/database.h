#pragma once

#include "base/result.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace soci {
class session;
}  // namespace soci

namespace dcm::store {

// `sqlite://relative.db` or `sqlite:///absolute.db`.
struct DatabaseUrl {
    // The file itself: SQLite follows links, and looks beside the file for what lies beside it.
    std::filesystem::path path;
    std::filesystem::path named = path;  // which may be a link to it
};
[[nodiscard]] Result<DatabaseUrl> parse_database_url(std::string_view url);

// Whether readers take the file for one that nobody changes: all of the database is in it, and
// nothing can be made beside it, on read-only media or in a folder of others where nobody is at
// work. Nothing tells them when somebody does begin to write. Never beside a rollback journal that
// is not empty: then what is in the file may be what SQLite would take back.
[[nodiscard]] bool is_read_as_immutable(const DatabaseUrl& url);

// One connection to one database; one thread uses it.
class Database {
public:
    // For commands that write: creates the file where there is none and brings the schema up to
    // date. Durable: WAL with synchronous=FULL. Throws Failure: malformed for a database that is
    // not ours or newer than this program, environment for one that cannot be opened or written.
    [[nodiscard]] static Database open_for_writing(const DatabaseUrl& url);

    // For commands that read: never changes or creates anything. A missing file is a Failure
    // (environment); another program's tables, an older or newer schema are malformed.
    [[nodiscard]] static Database open_for_reading(const DatabaseUrl& url);

    // Like open_for_reading, but a database without any table is let through: to the auditor it is
    // an empty log. has_schema() tells.
    [[nodiscard]] static Database open_for_audit(const DatabaseUrl& url);

    // The same for a look at the schema: an older one is let through too.
    [[nodiscard]] static Database open_for_inspection(const DatabaseUrl& url);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] bool has_schema() const { return has_schema_; }
    // For store's own files; includes of SOCI stay in this module.
    [[nodiscard]] soci::session& session() { return *session_; }

private:
    Database(std::unique_ptr<soci::session> session, bool has_schema);

    std::unique_ptr<soci::session> session_;
    bool has_schema_;
};

// Keeps a second ingesting process out of a database: an exclusive lock on `<database>.lock`, held
// until destruction and freed by the kernel when the process dies.
class IngestLock {
public:
    // Throws Failure (environment) naming the process that holds it, or what stands in its place.
    explicit IngestLock(const DatabaseUrl& url);
    IngestLock(const IngestLock&) = delete;
    IngestLock& operator=(const IngestLock&) = delete;
    ~IngestLock();

private:
    int descriptor_ = -1;
};

}  // namespace dcm::store
