#pragma once

#include "billing/statement.h"
#include "rules/rulebook.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dcm::store {

// Lines by their numbers: [first, end).
struct LineRange {
    std::int64_t first = 1;
    std::int64_t end = 1;
};

struct ClosedPeriod {
    std::int64_t number = 0;  // from 1, in the order of time
    billing::StatementOrigin origin;
    std::int64_t first_statement = 1;
    std::int64_t statement_end = 1;
    LineRange lines;
};

// In the order of time, within the caller's snapshot or transaction. Throws Failure (malformed) for
// a row that cannot have been written here.
[[nodiscard]] std::vector<ClosedPeriod> read_closed_periods(soci::session& session);
// Which of them, of which there is one, a charge that starts then is corrected as part of: what
// lies before the first counts as part of it, what lies behind the last as part of that.
[[nodiscard]] std::size_t period_at(const std::vector<ClosedPeriod>& closed, Instant start);
// The zone with the months that were closed in it where they were closed, and the next one after
// them: its rules may have been others then (ADR 43).
[[nodiscard]] Zone zone_as_closed(const std::vector<ClosedPeriod>& closed, const Zone& zone);
[[nodiscard]] Zone zone_as_closed(Database& database, const Zone& zone);
// Throws Failure (malformed) when a period is closed and the book has another currency or zone.
void require_same_terms(Database& database, const rules::RuleBook& book);
[[nodiscard]] std::vector<billing::StatementTotal> read_statements(soci::session& session,
                                                                   const ClosedPeriod& period);
void visit_statement_lines(soci::session& session,
                           LineRange range,
                           const billing::StatementVisitor& visit);

// The lines of a closed period's usage that were billed and not taken back since: its own and those
// of corrections for its stretch of time, in no order.
void visit_standing_lines(soci::session& session,
                          const ClosedPeriod& period,
                          Period stretch,
                          const billing::StatementVisitor& visit);

// Those whose `corrects` is this line, in the order of their numbers.
void visit_lines_about(soci::session& session,
                       std::int64_t number,
                       const billing::StatementVisitor& visit);

// Writes a period with its statements and lines, within the caller's transaction: the lines are
// those the visitor is given.
struct NewPeriod {
    const ClosedPeriod& period;
    const std::vector<billing::StatementTotal>& statements;
    std::function<void(const billing::StatementVisitor&)> each_line;
};
void write_closed_period(soci::session& session, const NewPeriod& written);

}  // namespace dcm::store
