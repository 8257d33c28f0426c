#pragma once

#include "audit/note.h"
#include "base/clock.h"
#include "store/closing_doubts.h"
#include "store/database.h"
#include "store/statement_reader.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dcm::store {

struct PeriodClose {
    CivilDate month;
    PresentBook book;
    std::string actor;                  // `user:<name>`
    Duration grace;                     // how long late events are waited for
    std::vector<std::string> accepted;  // names of doubts
    std::vector<ClosingDoubt> doubts;   // of the caller: what the log does not tell
    // How far it is with the lines, once they are rated: each is read and then written.
    std::function<void(std::int64_t done, std::int64_t total)> show{};
};

struct CloseOutcome {
    enum class State {
        closed,         // by this call, or would be
        closed_before,  // and stays as it is
        refused,        // for `reasons` and `doubts`, all at once
    };
    State state = State::closed;
    std::vector<std::string> reasons;    // nobody can accept
    std::vector<ClosingDoubt> doubts;    // that were not accepted
    std::vector<ClosingDoubt> accepted;  // that there were, and are recorded
    // What was closed, now or before.
    billing::StatementOrigin origin;
    std::vector<billing::StatementTotal> statements;
    std::int64_t corrections = 0;  // lines
};

// Closes a billing period: rates it as the log stands, and writes statements, lines, one record
// `period.closed` and one `correction.made` for each earlier month and tenant that is corrected, in
// one transaction that is sealed with the log's key, beside a process that ingests. The write lock
// is held while they are written, not while they are computed; events recorded in between give
// corrections later.
// Closing twice, or by two processes at once, is the same as once. Throws Failure (environment)
// when the database fails; then nothing of it was written.
[[nodiscard]] CloseOutcome close_period(Database& database,
                                        const audit::SigningKey& key,
                                        const Clock& clock,
                                        const PeriodClose& request);

// What closing would do and say, but for the record's place. Reads only.
[[nodiscard]] CloseOutcome preview_close(Database& database,
                                         const Clock& clock,
                                         const PeriodClose& request);

}  // namespace dcm::store
