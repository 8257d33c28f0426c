#pragma once

#include "billing/statement.h"
#include "billing/statement_builder.h"
#include "store/closed_corrections.h"
#include "store/closed_periods.h"
#include "store/log_reader.h"
#include "store/present_book.h"
#include "store/stored_books.h"
#include "store/usage_reader.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// The statements of one billing period, closed or open. Of a closed one they are read from the
// database, whose snapshot lasts longer; of an open one they are in memory.
class PeriodStatements {
public:
    [[nodiscard]] bool is_closed() const { return origin_.closing.has_value(); }
    [[nodiscard]] const billing::StatementOrigin& origin() const { return origin_; }
    // One for each tenant, in the order of their bytes.
    [[nodiscard]] const std::vector<billing::StatementTotal>& totals() const { return totals_; }
    // Usage of an open period that no rate matches, and that is on no line.
    [[nodiscard]] Decimal unrated_seconds() const { return billing::seconds_of(unrated_micros_); }
    // Usage that came late for closed periods, and that no rate of theirs matches: of the open
    // period that carries corrections.
    [[nodiscard]] const std::vector<LateUnrated>& late_unrated() const { return late_unrated_; }
    // All lines, or those of one statement, in the order of their numbers.
    void each_line(const billing::StatementVisitor& visit) const;
    void each_line(const billing::StatementTotal& of, const billing::StatementVisitor& visit) const;

private:
    friend class StatementReader;

    billing::StatementOrigin origin_;
    std::vector<billing::StatementTotal> totals_;
    LineRange lines_;
    billing::Int128 unrated_micros_ = 0;
    std::vector<LateUnrated> late_unrated_;
    std::shared_ptr<const rules::RuleBook> moved_;           // the reader's: open_ refers to it
    std::shared_ptr<const billing::StatementBuilder> open_;  // copies of this share it
    soci::session* session_ = nullptr;
};

// Billing periods and their statements, for the whole log of a snapshot. Writes nothing. What is
// closed is given as it was billed; what is open is rated now.
class StatementReader {
public:
    // Open intervals are cut at `as_of`.
    StatementReader(const LogReader& snapshot, const PresentBook& book, Instant as_of);

    [[nodiscard]] const std::vector<ClosedPeriod>& closed() const { return closed_; }
    [[nodiscard]] std::vector<billing::StatementTotal> statements_of(
        const ClosedPeriod& period) const;
    // Where a month lies: a closed one where it was closed, an open one by the book's zone, but
    // from the end of the last closed one on.
    [[nodiscard]] billing::BillingPeriod period_of(CivilDate month) const;
    // The month that a charge is billed in by its start, by the same.
    [[nodiscard]] CivilDate month_at(Instant start) const;
    // The closed period of this month; nullptr when it is open.
    [[nodiscard]] const ClosedPeriod* find_closed(CivilDate month) const;
    // Months that are not closed, from the earliest with usage, or the first after the last closed
    // one, up to that of `as_of`.
    [[nodiscard]] std::vector<billing::BillingPeriod> open_periods() const;
    // Where the earliest usage begins; nullopt where there is none.
    [[nodiscard]] std::optional<Instant> earliest_start() const;
    // Closed or open. Lines of an open period are numbered as if it were the next one closed.
    [[nodiscard]] PeriodStatements read(CivilDate month) const;

    // A line of a closed period by its number; nullopt when there is none.
    [[nodiscard]] std::optional<billing::StatementLine> find_line(std::int64_t number) const;
    // The lines of closed periods that take this one back, or replace it.
    [[nodiscard]] std::vector<billing::StatementLine> lines_about(std::int64_t number) const;
    // The rule book that a closed line was priced with: that of the period it is charged for, with
    // the resource files of when its statement was closed.
    [[nodiscard]] rules::RuleBook book_of(const billing::StatementLine& line) const;
    [[nodiscard]] const std::string& book_digest_of(const billing::StatementLine& line) const;
    // The digest of the book that gave book_of() a word of the line's service type that it did not
    // know; nullopt where it knew the word, or where nobody does.
    [[nodiscard]] std::optional<std::string> lender_of(const billing::StatementLine& line,
                                                       std::string_view word) const;
    // The resource files of book_of() that the period's own book had otherwise: the digest of a
    // book that has them so, by their names.
    [[nodiscard]] std::map<std::string, std::string> resource_lenders(
        const billing::StatementLine& line) const;

private:
    [[nodiscard]] Closing closing_of(const billing::StatementLine& line) const;
    [[nodiscard]] bool is_next_to_close(CivilDate month) const;
    [[nodiscard]] PeriodStatements read_closed(const ClosedPeriod& period) const;
    [[nodiscard]] PeriodStatements rate_open(CivilDate month) const;
    [[nodiscard]] const UsageReader& usage() const;

    [[nodiscard]] PresentBook with_closed_months(const PresentBook& book);

    const LogReader& snapshot_;
    Instant as_of_;
    std::vector<ClosedPeriod> closed_;
    // Where the zone has other months than were closed; statements that were read share it.
    std::shared_ptr<const rules::RuleBook> moved_;
    PresentBook book_;
    mutable std::unique_ptr<const UsageReader> usage_;  // what is closed needs none
};

}  // namespace dcm::store
