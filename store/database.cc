#include "store/database.h"

#include "base/clock.h"
#include "base/instant.h"
#include "base/shown.h"
#include "migrations/migrator.h"
#include "migrations/session.h"
#include "store/file_owner.h"

#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <mutex>
#include <system_error>
#include <utility>

namespace dcm::store {
namespace {

namespace fs = std::filesystem;
using migrations::SchemaState;

constexpr std::string_view kScheme = "sqlite://";
constexpr int kLockWaitSeconds = 5;
// Payloads can hold secrets. SQLite gives the files beside it the same mode.
constexpr mode_t kDatabaseFileMode = 0640;
// Pages this large hold some twenty records each: fewer page writes per commit.
constexpr std::uintmax_t kPageBytes = 16'384;
// The ingesting connection alone checkpoints (SQLite 3.40 has the WAL-reset race), so it is off
// here.
constexpr std::string_view kWriterPragmas =
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
    "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536";
constexpr std::string_view kReaderPragmas =
    "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
    "PRAGMA cache_size = -65536";

constexpr std::string_view kPlainInUri =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
constexpr std::string_view kUpperHexDigits = "0123456789ABCDEF";

enum class Access { write, read };

// Links among the folders are resolved, for `..` leads from where they lead to.
fs::path absolute_path(const DatabaseUrl& url) {
    const fs::path named = fs::absolute(url.path);
    std::error_code unresolved;
    const fs::path folder = fs::weakly_canonical(named.parent_path(), unresolved);
    return unresolved ? named.lexically_normal() : folder / named.filename();
}

// The file that a link leads to, whether it is there or not; no more links than Linux follows.
fs::path without_links(const fs::path& named) {
    constexpr int links_max = 40;
    std::error_code fault;
    fs::path path = named;
    for (int i = 0; i < links_max && fs::is_symlink(fs::symlink_status(path, fault)); ++i) {
        const fs::path folder = fs::weakly_canonical(fs::absolute(path).parent_path(), fault);
        path = folder / fs::read_symlink(path, fault);
    }
    return path;
}

// A `file:` URI: SOCI's connection string has no way to quote every path, percent-encoding has.
std::string encode_path(const fs::path& path) {
    std::string encoded;
    for (const char byte : path.string()) {
        if (kPlainInUri.find(byte) != std::string_view::npos) {
            encoded += byte;
        } else {
            const auto value = static_cast<unsigned char>(byte);
            encoded += '%';
            encoded += kUpperHexDigits[value >> 4U];
            encoded += kUpperHexDigits[value & 0xFU];
        }
    }
    return encoded;
}

fs::path with_suffix(const fs::path& path, std::string_view suffix) {
    return path.string().append(suffix);
}

bool has_bytes(const fs::path& file) {
    std::error_code ignored;
    return fs::exists(file, ignored) && fs::file_size(file, ignored) > 0;
}

bool has_write_ahead_log(const fs::path& path) {
    return has_bytes(with_suffix(path, "-wal"));
}

// Of a database that another program took out of its mode of a write-ahead log, and did not finish
// writing; or of another database. One that is done with begins with a zero.
bool has_rollback_journal(const fs::path& path) {
    const fs::path journal = with_suffix(path, "-journal");
    std::error_code ignored;
    if (!fs::is_regular_file(journal, ignored)) {
        return fs::exists(journal, ignored);  // not to be opened: nobody may be behind a pipe
    }
    return has_bytes(journal) && std::ifstream(journal, std::ios::binary).get() != 0;
}

// SQLite makes the first page of a database with a rollback journal. All that comes then, the first
// table too, is in the write-ahead log first.
bool is_being_made(const fs::path& path) {
    std::error_code ignored;
    return !has_write_ahead_log(path) &&
           (!fs::exists(path, ignored) || fs::file_size(path, ignored) <= kPageBytes);
}

// SQLite puts back what such a journal holds, whosever it is, as soon as it can write.
void require_no_rollback_journal(const fs::path& path, Access access) {
    // First: whoever makes it right now has a journal only until then.
    const bool is_in_the_making = is_being_made(path);
    if (!has_rollback_journal(path) || (is_in_the_making && access == Access::write)) {
        return;
    }
    const std::string journal = with_suffix(path, "-journal").string();
    if (is_in_the_making) {
        throw Failure(ErrorKind::environment,
                      "database: expected one that is made, found " + journal +
                          " of when that was interrupted: run `dcm-billing migrate up`");
    }
    throw Failure(
        ErrorKind::environment,
        "database: expected no rollback journal beside a database that is made, found " + journal +
            ": copy both files; if it is another database's, move it away, and if another program "
            "was killed while it changed this one, have sqlite3 put back on the copy what it "
            "holds");
}

// A database is read by way of a -shm file beside it, which is there while somebody writes.
bool can_have_shared_memory(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(with_suffix(path, "-shm"), ignored) ||
           ::access(path.parent_path().c_str(), W_OK | X_OK) == 0;
}

bool is_on_read_only_media(const fs::path& path) {
    struct statvfs media {};
    return ::statvfs(path.c_str(), &media) == 0 && (media.f_flag & ST_RDONLY) != 0;
}

bool can_only_be_read(const fs::path& path) {
    return is_on_read_only_media(path) || !can_have_shared_memory(path);
}

std::string connection_string(const DatabaseUrl& url, Access access) {
    const fs::path path = absolute_path(url);
    std::string text = "db=file:" + encode_path(path);
    if (access == Access::read) {
        text += is_read_as_immutable(url) ? "?mode=ro&immutable=1" : "?mode=ro";
        text += " readonly=true";
    }
    return text + " timeout=" + std::to_string(kLockWaitSeconds);
}

void set_defensive(soci::session& session) {
    // SOCI does not export the type information a dynamic_cast needs.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
    auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): SQLite's interface.
    const int result = sqlite_api::sqlite3_db_config(
        backend->conn_, SQLITE_DBCONFIG_DEFENSIVE, 1, static_cast<int*>(nullptr));
    DCM_CHECK(result == SQLITE_OK);
}

template <typename Function>
void set_system_call(const char* name, Function* call) {
    sqlite_api::sqlite3_vfs* const files = sqlite_api::sqlite3_vfs_find(/*zVfsName=*/nullptr);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): SQLite's interface.
    const auto taken = reinterpret_cast<sqlite_api::sqlite3_syscall_ptr>(call);
    DCM_CHECK(files->xSetSystemCall(files, name, taken) == SQLITE_OK);
}

// A connection is one thread's at a time, so SQLite need not lock it at every call, nor count its
// memory. Refused, and not needed, where SQLite is in use already.
void configure_sqlite() {
    static std::once_flag once;
    std::call_once(once, [] {
        // NOLINTBEGIN(cppcoreguidelines-pro-type-vararg): SQLite's interface.
        static_cast<void>(sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD));
        static_cast<void>(sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0));
        // NOLINTEND(cppcoreguidelines-pro-type-vararg)
        set_system_call("open", &open_for_sqlite);
        set_system_call("fchown", &keep_owner);
    });
}

// SQLite would make it readable by everybody. An existing one is not opened here: closing it again
// would free the locks that SQLite holds on it. What goes wrong, SQLite tells.
void create_where_there_is_none(const DatabaseUrl& url) {
    const int made = FilePlace(url.path).make(O_WRONLY, kDatabaseFileMode);
    if (made >= 0) {
        close(made);
    }
}

// Other schemes carry passwords, so no more than the scheme is shown.
std::string shown_url(std::string_view url) {
    const std::size_t scheme_end = url.find("://");
    return scheme_end == std::string_view::npos
               ? shown(url)
               : shown(std::string(url.substr(0, scheme_end)) + "://…");
}

// What keeps the file from being opened, where SQLite says no more than that it is so; empty where
// nothing is seen from here.
std::string obstacle(const fs::path& path, Access access) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
        return "a folder";
    }
    const int wanted = access == Access::read ? R_OK : R_OK | W_OK;
    return ::access(path.c_str(), wanted) == 0 ? "" : std::generic_category().message(errno);
}

std::unique_ptr<soci::session> connect(const DatabaseUrl& url, Access access) {
    configure_sqlite();
    try {
        auto session =
            std::make_unique<soci::session>(soci::sqlite3, connection_string(url, access));
        set_defensive(*session);
        return session;
    } catch (const soci::soci_error& error) {
        const std::string why = obstacle(url.path, access);
        if (why.empty()) {
            throw migrations::to_failure(error, "open " + url.path.string());
        }
        throw Failure(
            ErrorKind::environment,
            "database: expected a file to open at " + url.path.string() + ", got: " + why);
    }
}

[[noreturn]] void refuse(const DatabaseUrl& url, std::string_view why) {
    throw Failure(
        ErrorKind::malformed,
        "expected a database of dcm-billing, but " + url.path.string() + ": " + std::string(why));
}

void refuse_unless_ours(const DatabaseUrl& url, const migrations::SchemaStatus& status) {
    switch (status.state) {
        case SchemaState::newer:
            refuse(url, "it was written by a newer version of this program");
        case SchemaState::altered:
        case SchemaState::foreign:
            refuse(url, status.detail);
        case SchemaState::empty:
        case SchemaState::older:
        case SchemaState::current:
            break;
    }
}

void use_write_ahead_log(soci::session& session, const DatabaseUrl& url) {
    std::string mode;
    try {
        // To its end: the file is changed behind the row, and where that fails the connection would
        // go on with a rollback journal.
        soci::statement change = (session.prepare << "PRAGMA journal_mode = WAL", soci::into(mode));
        change.execute(/*withDataExchange=*/true);
        static_cast<void>(change.fetch());
    } catch (const soci::soci_error& error) {
        throw migrations::to_failure(error, "open " + url.path.string() + " for writing");
    }
    if (mode != "wal") {
        throw Failure(ErrorKind::environment,
                      "database: expected a file system that can hold a " +
                          ("write-ahead log, but " + url.path.string()) + " stays in mode " + mode);
    }
}

// Texts are hashed as the bytes they are stored as, which are those of UTF-8.
void require_utf8(soci::session& session, const DatabaseUrl& url) {
    std::string encoding;
    try {
        session << "PRAGMA encoding", soci::into(encoding);
    } catch (const soci::soci_error& error) {
        throw migrations::to_failure(error, "read the schema");
    }
    if (encoding != "UTF-8") {
        refuse(url, "its texts are stored in " + encoding + ", this program stores them in UTF-8");
    }
}

migrations::SchemaStatus status_of_existing(soci::session& session, const DatabaseUrl& url) {
    require_utf8(session, url);
    auto status = migrations::schema_status(session);
    refuse_unless_ours(url, status);
    return status;
}

std::unique_ptr<soci::session> connect_for_reading(const DatabaseUrl& url) {
    std::error_code ignored;
    if (!fs::exists(url.path, ignored)) {
        throw Failure(ErrorKind::environment,
                      "expected a database at " + url.path.string() + ", found none");
    }
    const fs::path path = absolute_path(url);
    if (has_write_ahead_log(path) && !can_have_shared_memory(path)) {
        const std::string why = std::generic_category().message(errno);
        throw Failure(
            ErrorKind::environment,
            "database: expected to make " + with_suffix(path, "-shm").string() +
                ", by which the write-ahead log beside the database is read, got: " + why);
    }
    require_no_rollback_journal(path, Access::read);
    auto session = connect(url, Access::read);
    migrations::run_script(*session, std::string(kReaderPragmas), "open " + url.path.string());
    return session;
}

}  // namespace

Result<DatabaseUrl> parse_database_url(std::string_view url) {
    if (url.substr(0, kScheme.size()) != kScheme || url.size() == kScheme.size() ||
        url.find('\0') != std::string_view::npos) {
        return malformed("database: expected sqlite://<path>, got " + shown_url(url));
    }
    const fs::path named(url.substr(kScheme.size()));
    return DatabaseUrl{without_links(named), named};
}

bool is_read_as_immutable(const DatabaseUrl& url) {
    const fs::path path = absolute_path(url);
    return !has_write_ahead_log(path) && !has_rollback_journal(path) && can_only_be_read(path);
}

Database::Database(std::unique_ptr<soci::session> session, bool has_schema)
    : session_(std::move(session)), has_schema_(has_schema) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Database Database::open_for_writing(const DatabaseUrl& url) {
    require_no_rollback_journal(absolute_path(url), Access::write);
    create_where_there_is_none(url);
    auto session = connect(url, Access::write);
    const auto status = status_of_existing(*session, url);
    if (status.state == SchemaState::empty) {
        migrations::run_script(*session,
                               "PRAGMA page_size = " + std::to_string(kPageBytes),
                               "open " + url.path.string());
    }
    use_write_ahead_log(*session, url);
    migrations::run_script(*session, std::string(kWriterPragmas), "open " + url.path.string());
    migrations::migrate_up(*session, format_rfc3339(SystemClock().now()));
    return {std::move(session), /*has_schema=*/true};
}

Database Database::open_for_reading(const DatabaseUrl& url) {
    Database database = open_for_audit(url);
    if (!database.has_schema()) {
        refuse(url, "it holds no tables");
    }
    return database;
}

Database Database::open_for_audit(const DatabaseUrl& url) {
    auto session = connect_for_reading(url);
    const auto status = status_of_existing(*session, url);
    if (status.state == SchemaState::older) {
        refuse(url, "its schema is of an older version; run `dcm-billing migrate up`");
    }
    return {std::move(session), status.state == SchemaState::current};
}

Database Database::open_for_inspection(const DatabaseUrl& url) {
    auto session = connect_for_reading(url);
    const auto status = status_of_existing(*session, url);
    return {std::move(session), status.state == SchemaState::current};
}

}  // namespace dcm::store
