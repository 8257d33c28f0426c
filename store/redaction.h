#pragma once

#include "audit/note.h"
#include "base/clock.h"
#include "store/database.h"
#include "store/log_reader.h"

#include <cstdint>
#include <string>

namespace dcm::store {

// The longest legal reference a record carries.
inline constexpr std::size_t kLegalRefBytesMax = 256;

struct Redaction {
    std::int64_t seq = 0;
    std::string legal_ref;  // why: UTF-8 without controls, at most kLegalRefBytesMax
    std::string actor;      // who: `user:<name>`
};

struct RedactionOutcome {
    enum class State {
        done,         // `record` says so in the log
        no_record,    // the log is shorter; `record` is its size
        no_payload,   // nothing ever lay beside it
        done_before,  // `record` says so, with `legal_ref`
        unaccounted,  // its payload is gone, and no record says why
    };
    State state = State::done;
    std::int64_t record = 0;
    std::string legal_ref;
};

// Removes what lies beside a record (salt, payload, NATS subject, headers) and records
// `payload.redacted` with the subject `seq/N`, in one transaction, beside a process that ingests.
// Leaf, tree and every proof stay as they are. The bytes are overwritten where they lie when the
// page reaches the database file; until then older pages lie in the write-ahead log.
[[nodiscard]] RedactionOutcome redact(Database& database,
                                      const audit::SigningKey& key,
                                      const Clock& clock,
                                      const Redaction& redaction);

// Writes the write-ahead log back and empties it, so that nothing older is left in it. Only while
// nobody ingests. False when a reader still needs it.
[[nodiscard]] bool empty_write_ahead_log(Database& database);

// Whether nothing of what lay beside the record is left: no row, or one that holds its lengths
// only.
[[nodiscard]] bool is_erased(const LogReader& snapshot, std::int64_t seq);

}  // namespace dcm::store
