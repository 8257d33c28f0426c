#include "migrations/session.h"

#include "migrations/lasting_failure.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>

namespace dcm::migrations {
namespace {

// What is before SQLite's own words.
constexpr std::string_view kNoConnection = "Cannot establish connection to the database. ";
constexpr std::string_view kPreparing = "sqlite3_statement_backend::prepare: ";
constexpr std::string_view kFetching = "sqlite3_statement_backend::loadOne: ";
constexpr std::string_view kFetchingRows = "sqlite3_statement_backend::loadRS: ";
// What is behind them, and tells a Failure that lasts from others.
constexpr std::string_view kDamaged = " (the file is damaged, or its disk fails)";
constexpr std::string_view kRefused = " (a constraint or trigger of the database refuses it)";
// Extended codes say more in the bits above.
constexpr unsigned kPrimaryCode = 0xFF;

std::string words_of_sqlite(std::string_view text) {
    for (const std::string_view begin : {kNoConnection, kPreparing, kFetching, kFetchingRows}) {
        text.remove_prefix(text.substr(0, begin.size()) == begin ? begin.size() : 0);
    }
    return std::string(text);
}

std::string_view note_of(unsigned primary_code) {
    switch (primary_code) {
        case SQLITE_CORRUPT:
            return kDamaged;
        case SQLITE_CONSTRAINT:
            return kRefused;
        default:
            return "";
    }
}

Failure failure_of(int result, std::string_view doing, const std::string& why) {
    const unsigned primary_code = static_cast<unsigned>(result) & kPrimaryCode;
    return {primary_code == SQLITE_NOTADB ? ErrorKind::malformed : ErrorKind::environment,
            "database: expected to " + std::string(doing) + ", got: " + words_of_sqlite(why) +
                std::string(note_of(primary_code))};
}

sqlite_api::sqlite3* connection_of(soci::session& session) {
    DCM_CHECK(session.get_backend_name() == "sqlite3");
    // SOCI does not export the type information a dynamic_cast needs.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast)
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

}  // namespace

Failure to_failure(const soci::soci_error& error, std::string_view doing) {
    const auto* sqlite_error = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const int result = sqlite_error == nullptr ? SQLITE_ERROR : sqlite_error->result();
    return failure_of(result, doing, error.get_error_message());
}

bool is_lasting(const Failure& failure) {
    const std::string_view text = failure.what();
    return text.ends_with(kDamaged) || text.ends_with(kRefused);
}

void run_script(soci::session& session, const std::string& sql, std::string_view doing) {
    char* message = nullptr;
    const int result =
        sqlite_api::sqlite3_exec(connection_of(session), sql.c_str(), nullptr, nullptr, &message);
    const std::unique_ptr<char, void (*)(void*)> owned(message, sqlite_api::sqlite3_free);
    if (result != SQLITE_OK) {
        throw failure_of(result, doing, message == nullptr ? "unknown error" : message);
    }
}

WriteTransaction::WriteTransaction(soci::session& session, std::string_view doing)
    : session_(session), doing_(doing) {
    run_script(session_, "BEGIN IMMEDIATE", doing_);
}

WriteTransaction::~WriteTransaction() {
    // After some errors (disk full, I/O) SQLite has rolled back by itself.
    sqlite_api::sqlite3* connection = connection_of(session_);
    if (sqlite_api::sqlite3_get_autocommit(connection) == 0) {
        static_cast<void>(
            sqlite_api::sqlite3_exec(connection, "ROLLBACK", nullptr, nullptr, nullptr));
    }
}

void WriteTransaction::commit() {
    run_script(session_, "COMMIT", doing_);
}

}  // namespace dcm::migrations
