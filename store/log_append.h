#pragma once

#include "audit/record.h"
#include "base/clock.h"
#include "migrations/session.h"
#include "store/database.h"
#include "store/log_writer.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::store {

// An ingesting process at full speed leaves the lock free for moments only, and asking for it comes
// at ever longer distances: this is some three hundred times.
inline constexpr const char* kWaitLong = "PRAGMA busy_timeout = 30000";

// Appends a few records to the log beside a process that ingests (`audit redact`, a key's
// rotation). One transaction: it has the write lock from construction to commit(),
// or to destruction, which takes everything back. The ingesting process notices with its next batch
// and goes on from what the database holds.
//
//     LogAppend append(database, key, clock, {"user:anna", "redact a payload"});
//     …                                      // reads and writes through append.session()
//     append.record(record);
//     append.commit();
class LogAppend {
public:
    struct Act {
        std::string actor;  // `user:<name>` or `svc:<host>/<pid>`
        std::string doing;  // for messages: what fails when the database does
    };

    // Waits for the write lock longer than a batch takes. Throws Failure: environment when it is
    // not to be had, malformed when head, tiles, rows and seal do not fit each other.
    LogAppend(Database& database, const audit::SigningKey& key, const Clock& clock, Act act);
    LogAppend(const LogAppend&) = delete;
    LogAppend& operator=(const LogAppend&) = delete;
    ~LogAppend();

    // Gives the record its seq, time and actor and writes it.
    void record(audit::Record& record);
    // The seal of this transaction is that of another key, as its record tells; it outlives this.
    void hand_over(const audit::SigningKey& next) { log_->hand_over(next); }
    // Ends the transaction: head, tiles, and what the caller wrote, are durable.
    void commit();

    // What the next record is numbered.
    [[nodiscard]] std::int64_t log_size() const { return log_->size(); }
    // The caller's reads and writes within the same transaction.
    [[nodiscard]] soci::session& session() { return session_; }

private:
    soci::session& session_;
    const Clock& clock_;
    Act act_;
    migrations::WriteTransaction transaction_;
    std::optional<LogWriter> log_;
};

}  // namespace dcm::store
