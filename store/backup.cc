#include "store/backup.h"

#include "store/row_statement.h"
#include "store/statement.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>

namespace dcm::store {
namespace {

namespace api = sqlite_api;

// Some megabytes a step: often enough to hear a stop, seldom enough to cost nothing.
constexpr int kPagesPerStep = 256;
// The file is new and nobody else's: it needs no journal, and the caller makes it durable once.
constexpr const char* kTargetPragmas = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";

[[noreturn]] void fail_to_copy(const std::filesystem::path& target, const std::string& why) {
    throw Failure(ErrorKind::environment,
                  "expected to copy the database to " + target.string() + ": " + why);
}

struct CloseConnection {
    void operator()(api::sqlite3* connection) const { api::sqlite3_close(connection); }
};
using Connection = std::unique_ptr<api::sqlite3, CloseConnection>;

struct FinishBackup {
    void operator()(api::sqlite3_backup* backup) const { api::sqlite3_backup_finish(backup); }
};
using Backup = std::unique_ptr<api::sqlite3_backup, FinishBackup>;

Connection open_target(const std::filesystem::path& target) {
    api::sqlite3* opened = nullptr;
    const int result = api::sqlite3_open_v2(std::filesystem::absolute(target).c_str(),
                                            &opened,
                                            SQLITE_OPEN_READWRITE,
                                            /*zVfs=*/nullptr);
    Connection connection(opened);
    if (result != SQLITE_OK || api::sqlite3_exec(connection.get(),
                                                 kTargetPragmas,
                                                 /*callback=*/nullptr,
                                                 /*argument=*/nullptr,
                                                 /*errmsg=*/nullptr) != SQLITE_OK) {
        fail_to_copy(target, api::sqlite3_errmsg(connection.get()));
    }
    return connection;
}

}  // namespace

bool copy_database(const LogReader& snapshot,
                   const std::filesystem::path& target,
                   const CopyProgress& progress) {
    soci::session& session = snapshot.database().session();
    int page_size = 0;
    guarded("copy the database", [&] { session << "PRAGMA page_size", soci::into(page_size); });
    const Connection connection = open_target(target);
    // The snapshot's transaction stays open over all steps; without it a commit of the writer
    // would make SQLite begin the copy again.
    const Backup backup(
        api::sqlite3_backup_init(connection.get(), "main", connection_of(session), "main"));
    if (backup == nullptr) {
        fail_to_copy(target, api::sqlite3_errmsg(connection.get()));
    }
    while (true) {
        const int result = api::sqlite3_backup_step(backup.get(), kPagesPerStep);
        const std::int64_t total = api::sqlite3_backup_pagecount(backup.get());
        const std::int64_t done = total - api::sqlite3_backup_remaining(backup.get());
        if (result == SQLITE_DONE) {
            return true;
        }
        if (result != SQLITE_OK) {
            fail_to_copy(target, api::sqlite3_errstr(result));
        }
        if (!progress(done * page_size, total * page_size)) {
            return false;
        }
    }
}

}  // namespace dcm::store
