#include "store/statement_reader.h"

#include "audit/tree.h"
#include "base/check.h"
#include "billing/rating.h"
#include "store/statement.h"
#include "store/stored_books.h"
#include "store/tzdata_version.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kReadingStatements = "read statements";

}  // namespace

void PeriodStatements::each_line(const billing::StatementVisitor& visit) const {
    if (open_ != nullptr) {
        open_->each_line(visit);
    } else {
        guarded(kReadingStatements, [&] { visit_statement_lines(*session_, lines_, visit); });
    }
}

void PeriodStatements::each_line(const billing::StatementTotal& of,
                                 const billing::StatementVisitor& visit) const {
    if (open_ != nullptr) {
        open_->each_line(of, visit);
    } else {
        guarded(kReadingStatements, [&] {
            visit_statement_lines(*session_, {of.first_line, of.line_end}, visit);
        });
    }
}

StatementReader::StatementReader(const LogReader& snapshot, const PresentBook& book, Instant as_of)
    : snapshot_(snapshot),
      as_of_(as_of),
      closed_(guarded(kReadingStatements,
                      [&] { return read_closed_periods(snapshot.database().session()); })),
      book_(with_closed_months(book)) {
    require_same_terms(snapshot.database(), book.rules);
}

PresentBook StatementReader::with_closed_months(const PresentBook& book) {
    Zone zone = zone_as_closed(closed_, book.rules.zone);
    if (!zone.has_other_months()) {
        return book;
    }
    const auto moved = std::make_shared<rules::RuleBook>(book.rules);
    moved->zone = std::move(zone);
    moved_ = moved;
    return {*moved_, book.bytes, book.digest};
}

billing::BillingPeriod StatementReader::period_of(CivilDate month) const {
    return billing::billing_period(month, book_.rules.zone);
}

CivilDate StatementReader::month_at(Instant start) const {
    return month_of(book_.rules.zone.date_of(start));
}

std::vector<billing::StatementTotal> StatementReader::statements_of(
    const ClosedPeriod& period) const {
    return guarded(kReadingStatements,
                   [&] { return read_statements(snapshot_.database().session(), period); });
}

const ClosedPeriod* StatementReader::find_closed(CivilDate month) const {
    const std::string name = format_month(month);
    const auto found = std::find_if(closed_.begin(), closed_.end(), [&name](const auto& period) {
        return period.origin.period == name;
    });
    return found == closed_.end() ? nullptr : &*found;
}

std::vector<billing::BillingPeriod> StatementReader::open_periods() const {
    const Instant start =
        closed_.empty() ? earliest_start().value_or(as_of_) : closed_.back().origin.during.end;
    std::vector<billing::BillingPeriod> periods;
    CivilDate month = month_at(start);
    const CivilDate last = month_at(as_of_);
    while (month <= last) {
        periods.push_back(period_of(month));
        month = next_month(month);
    }
    return periods;
}

PeriodStatements StatementReader::read(CivilDate month) const {
    const ClosedPeriod* const closed = find_closed(month);
    return closed != nullptr ? read_closed(*closed) : rate_open(month);
}

std::optional<Instant> StatementReader::earliest_start() const {
    return usage().earliest_start();
}

const UsageReader& StatementReader::usage() const {
    if (usage_ == nullptr) {
        usage_ = std::make_unique<const UsageReader>(snapshot_, book_.rules.lifecycle);
    }
    return *usage_;
}

PeriodStatements StatementReader::read_closed(const ClosedPeriod& period) const {
    PeriodStatements statements;
    statements.origin_ = period.origin;
    statements.session_ = &snapshot_.database().session();
    statements.lines_ = period.lines;
    statements.totals_ = statements_of(period);
    return statements;
}

// Corrections belong to the earliest open period, which is the one after the last closed one.
bool StatementReader::is_next_to_close(CivilDate month) const {
    return !closed_.empty() && period_of(month).during.start == closed_.back().origin.during.end;
}

PeriodStatements StatementReader::rate_open(CivilDate month) const {
    const billing::BillingPeriod period = period_of(month);
    const auto builder = std::make_shared<billing::StatementBuilder>(book_.rules, period);
    PeriodStatements statements;
    billing::Rater rater(book_.rules,
                         {period.during, as_of_, /*by_day=*/false},
                         {[&builder](const billing::RatedLine& line) { builder->add(line); },
                          [&statements](const billing::UnratedPiece& piece) {
                              statements.unrated_micros_ +=
                                  (piece.during.end - piece.during.start).micros;
                          }});
    usage().each_in_any_order(
        [&rater](const auto& key, const auto& timeline) { rater.add(key, timeline.intervals); });
    rater.finish();
    if (is_next_to_close(month)) {
        Corrections corrections = find_corrections(snapshot_, closed_, book_);
        for (billing::StatementLine& line : corrections.lines) {
            builder->add_correction(std::move(line));
        }
        statements.late_unrated_ = std::move(corrections.unrated);
    }
    builder->finish(closed_.empty() ? 1 : closed_.back().lines.end);
    const LogHead head = snapshot_.head();
    statements.origin_ = {
        .period = format_month(month),
        .during = period.during,
        .timezone = book_.rules.zone.name(),
        .currency = book_.rules.currency,
        .book_digest = std::string(book_.digest),
        .tzdata = tzdata_version(),
        .log_size = head.size,
        .log_root = audit::to_base64(
            value_or_throw(audit::Frontier::restore(head.size, head.frontier)).root()),
        .as_of = as_of_,
        .closing = std::nullopt};
    statements.totals_ = builder->totals();
    statements.moved_ = moved_;
    statements.open_ = builder;
    return statements;
}

std::optional<billing::StatementLine> StatementReader::find_line(std::int64_t number) const {
    std::optional<billing::StatementLine> found;
    if (closed_.empty() || number < 1 || number >= closed_.back().lines.end) {
        return found;
    }
    guarded(kReadingStatements, [&] {
        visit_statement_lines(snapshot_.database().session(),
                              {number, number + 1},
                              [&found](const billing::StatementLine& line) { found = line; });
    });
    return found;
}

std::vector<billing::StatementLine> StatementReader::lines_about(std::int64_t number) const {
    std::vector<billing::StatementLine> lines;
    guarded(kReadingStatements, [&] {
        visit_lines_about(snapshot_.database().session(),
                          number,
                          [&lines](const billing::StatementLine& line) { lines.push_back(line); });
    });
    return lines;
}

const std::string& StatementReader::book_digest_of(const billing::StatementLine& line) const {
    return closed_[period_at(closed_, line.charge.start)].origin.book_digest;
}

rules::RuleBook StatementReader::book_of(const billing::StatementLine& line) const {
    return guarded(kReadingStatements, [&] {
        return StoredBooks(snapshot_.database().session(), closed_, book_)
            .book_at(closing_of(line));
    });
}

std::optional<std::string> StatementReader::lender_of(const billing::StatementLine& line,
                                                      std::string_view word) const {
    return guarded(kReadingStatements, [&] {
        return StoredBooks(snapshot_.database().session(), closed_, book_)
            .lender_of(closing_of(line), line.service_type, word);
    });
}

std::map<std::string, std::string> StatementReader::resource_lenders(
    const billing::StatementLine& line) const {
    return guarded(kReadingStatements, [&] {
        return StoredBooks(snapshot_.database().session(), closed_, book_)
            .resource_lenders(closing_of(line));
    });
}

Closing StatementReader::closing_of(const billing::StatementLine& line) const {
    const auto statement =
        std::find_if(closed_.begin(), closed_.end(), [&line](const ClosedPeriod& period) {
            return period.origin.period == line.period;
        });
    DCM_CHECK(statement != closed_.end());
    return {period_at(closed_, line.charge.start),
            static_cast<std::size_t>(statement - closed_.begin())};
}

}  // namespace dcm::store
