#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace soci {
class session;
class soci_error;
}  // namespace soci

namespace dcm::migrations {

// What a SOCI error means to the caller: a file that is no database is malformed, all else (locked,
// full, read-only, I/O error) the environment's. So is a damaged page, because SQLite says the same
// of a disk that fails a read, and the next attempt may succeed. `doing` names the act: `open
// a.db`.
[[nodiscard]] Failure to_failure(const soci::soci_error& error, std::string_view doing);

// Runs every statement of a text that returns no rows: a migration, a list of pragmas. Throws
// Failure.
void run_script(soci::session& session, const std::string& sql, std::string_view doing);

// A transaction that has the write lock from the start; waits for it as long as the session's
// timeout says. Rolled back at destruction unless committed. Throws Failure.
class WriteTransaction {
public:
    WriteTransaction(soci::session& session, std::string_view doing);
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    ~WriteTransaction();

    void commit();

private:
    soci::session& session_;
    std::string doing_;
};

}  // namespace dcm::migrations
