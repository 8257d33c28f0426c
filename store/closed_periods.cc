#include "store/closed_periods.h"

#include "store/row_statement.h"
#include "store/statement.h"

#include <utility>

namespace dcm::store {
namespace {

using billing::StatementLine;
using billing::StatementLineKind;

constexpr const char* kSelectClosedPeriods =
    "SELECT period_no, period, started_at, ended_at, timezone, currency, book_digest, tzdata,"
    " log_size, log_root, checkpoint, closed_at, closed_by_seq, first_statement, statement_end,"
    " first_line, line_end, lines_sha256 "
    "FROM closed_period ORDER BY period_no";
constexpr const char* kSelectStatements =
    "SELECT tenant, total, total_rounded, first_line, line_end FROM statement "
    "WHERE statement_no >= ? AND statement_no < ? ORDER BY statement_no";
constexpr std::string_view kSelectLine =
    "SELECT p.period, p.currency, l.line, l.kind, l.tenant, l.provider, l.service_type,"
    " l.instance_id, l.meter, l.rate, l.state, l.charge_start, l.charge_end, l.billed, l.quantity,"
    " l.unit, l.unit_price, l.cost, l.corrects "
    "FROM statement_line AS l INNER JOIN closed_period AS p ON p.period_no = l.period_no ";
constexpr std::string_view kOfRange = "WHERE l.line >= ? AND l.line < ? ORDER BY l.line";
constexpr std::string_view kAbout = "WHERE l.corrects >= ? AND l.corrects <= ? ORDER BY l.line";
constexpr std::string_view kUsageStanding =
    "WHERE l.line >= ? AND l.line < ? AND l.kind = 'usage' AND NOT EXISTS"
    " (SELECT 1 FROM statement_line AS r WHERE r.corrects = l.line AND r.kind = 'reversal')";
constexpr std::string_view kCorrectionsStanding =
    "WHERE l.charge_start >= ? AND l.charge_start < ? AND l.kind = 'correction' AND NOT EXISTS"
    " (SELECT 1 FROM statement_line AS r WHERE r.corrects = l.line AND r.kind = 'reversal')";
constexpr const char* kInsertPeriod =
    "INSERT INTO closed_period (period_no, period, started_at, ended_at, timezone, currency,"
    " book_digest, tzdata, log_size, log_root, checkpoint, closed_at, closed_by_seq,"
    " first_statement, statement_end, first_line, line_end, lines_sha256) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertStatement =
    "INSERT INTO statement (statement_no, period_no, tenant, total, total_rounded, first_line,"
    " line_end) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertLine =
    "INSERT INTO statement_line (line, period_no, kind, tenant, provider, service_type,"
    " instance_id, meter, rate, state, charge_start, charge_end, billed, quantity, unit,"
    " unit_price, cost, corrects) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

Decimal decimal_of(std::string_view text) {
    return value_or_throw(Decimal::parse(text));
}

// The columns of kSelectLines from `kind` on.
void read_line(const RowStatement& row, StatementLine& line) {
    const auto kind = billing::statement_line_kind(row.text(3));
    if (!kind) {
        throw Failure(ErrorKind::malformed,
                      "expected a kind of line, got \"" + std::string(row.text(3)) +
                          "\" in statement line " + std::to_string(line.line));
    }
    line.kind = *kind;
    row.copy_to(line.tenant, 4);
    row.copy_to(line.provider, 5);
    row.copy_to(line.service_type, 6);
    row.copy_to(line.instance, 7);
    row.copy_to(line.meter, 8);
    row.copy_to(line.rate, 9);
    row.copy_to(line.state, 10);
    line.charge = {Instant{row.number(11)}, Instant{row.number(12)}};
    line.billed = Duration{row.number(13)};
    line.quantity = row.is_null(14) ? Decimal() : decimal_of(row.text(14));
    row.copy_to(line.unit, 15);
    line.unit_price = row.is_null(16) ? std::nullopt : std::optional(decimal_of(row.text(16)));
    line.cost = decimal_of(row.text(17));
    row.copy_to(line.corrects, 18);
}

// Lines between two bounds.
struct LineChoice {
    std::string_view where;
    std::int64_t from = 0;
    std::int64_t to = 0;
};

void visit_lines(soci::session& session,
                 const LineChoice& choice,
                 const billing::StatementVisitor& visit) {
    const std::string sql = std::string(kSelectLine) + std::string(choice.where);
    StatementLine line;
    RowStatement rows(session, sql.c_str());
    rows.bind(choice.from).bind(choice.to);
    while (rows.fetch()) {
        rows.copy_to(line.period, 0);
        rows.copy_to(line.currency, 1);
        line.line = rows.number(2);
        read_line(rows, line);
        visit(line);
    }
}

ClosedPeriod read_period(const RowStatement& row) {
    ClosedPeriod period;
    period.number = row.number(0);
    billing::StatementOrigin& origin = period.origin;
    row.copy_to(origin.period, 1);
    origin.during = {Instant{row.number(2)}, Instant{row.number(3)}};
    row.copy_to(origin.timezone, 4);
    row.copy_to(origin.currency, 5);
    row.copy_to(origin.book_digest, 6);
    row.copy_to(origin.tzdata, 7);
    origin.log_size = row.number(8);
    row.copy_to(origin.log_root, 9);
    billing::StatementOrigin::Closing closing;
    row.copy_to(closing.checkpoint, 10);
    closing.at = Instant{row.number(11)};
    closing.record = row.number(12);
    row.copy_to(closing.lines_sha256, 17);
    origin.closing = std::move(closing);
    period.first_statement = row.number(13);
    period.statement_end = row.number(14);
    period.lines = {row.number(15), row.number(16)};
    return period;
}

void insert_period(soci::session& session, const ClosedPeriod& period) {
    const billing::StatementOrigin& origin = period.origin;
    RowStatement insert(session, kInsertPeriod);
    insert.bind(period.number)
        .bind(origin.period)
        .bind(origin.during.start.micros)
        .bind(origin.during.end.micros)
        .bind(origin.timezone)
        .bind(origin.currency)
        .bind(origin.book_digest)
        .bind(origin.tzdata)
        .bind(origin.log_size)
        .bind(origin.log_root)
        .bind_or_null(origin.closing->checkpoint)
        .bind(origin.closing->at.micros)
        .bind(origin.closing->record)
        .bind(period.first_statement)
        .bind(period.statement_end)
        .bind(period.lines.first)
        .bind(period.lines.end)
        .bind(origin.closing->lines_sha256)
        .run();
}

void insert_statements(soci::session& session, const NewPeriod& written) {
    RowStatement insert(session, kInsertStatement);
    std::int64_t statement_no = written.period.first_statement;
    for (const billing::StatementTotal& statement : written.statements) {
        const std::string total = statement.total.to_string();
        const std::string total_rounded = statement.total_rounded.to_string();
        insert.bind(statement_no)
            .bind(written.period.number)
            .bind(statement.tenant)
            .bind(total)
            .bind(total_rounded)
            .bind(statement.first_line)
            .bind(statement.line_end)
            .run();
        ++statement_no;
    }
}

// Binds a text that a rounding line has not.
void bind_if_any(RowStatement& insert, const std::string& text) {
    if (text.empty()) {
        insert.bind_or_null(std::optional<std::string>());
    } else {
        insert.bind(text);
    }
}

void insert_line(RowStatement& insert, std::int64_t period_no, const StatementLine& line) {
    const bool has_quantity = line.kind != StatementLineKind::rounding;
    const auto quantity = has_quantity ? std::optional(line.quantity.to_string()) : std::nullopt;
    const auto unit_price =
        line.unit_price ? std::optional(line.unit_price->to_string()) : std::nullopt;
    const std::string cost = line.cost.to_string();
    insert.bind(line.line)
        .bind(period_no)
        .bind(billing::statement_line_kind_name(line.kind))
        .bind(line.tenant);
    bind_if_any(insert, line.provider);
    bind_if_any(insert, line.service_type);
    bind_if_any(insert, line.instance);
    insert.bind(line.meter).bind(line.rate);
    bind_if_any(insert, line.state);
    insert.bind(line.charge.start.micros).bind(line.charge.end.micros).bind(line.billed.micros);
    insert.bind_or_null(quantity);
    bind_if_any(insert, line.unit);
    insert.bind_or_null(unit_price).bind(cost).bind_or_null(line.corrects).run();
}

}  // namespace

std::vector<ClosedPeriod> read_closed_periods(soci::session& session) {
    std::vector<ClosedPeriod> periods;
    RowStatement rows(session, kSelectClosedPeriods);
    while (rows.fetch()) {
        periods.push_back(read_period(rows));
    }
    return periods;
}

std::size_t period_at(const std::vector<ClosedPeriod>& closed, Instant start) {
    std::size_t period = 0;
    while (period + 1 < closed.size() && closed[period].origin.during.end <= start) {
        ++period;
    }
    return period;
}

Zone zone_as_closed(const std::vector<ClosedPeriod>& closed, const Zone& zone) {
    Zone::MonthStarts starts;
    for (const ClosedPeriod& period : closed) {
        if (period.origin.timezone != zone.name()) {
            continue;
        }
        const CivilDate month = value_or_throw(parse_month(period.origin.period));
        starts[month] = period.origin.during.start;
        starts[next_month(month)] = period.origin.during.end;
    }
    return zone.with_months(starts);
}

Zone zone_as_closed(Database& database, const Zone& zone) {
    return guarded("read closed periods",
                   [&] { return zone_as_closed(read_closed_periods(database.session()), zone); });
}

void require_same_terms(Database& database, const rules::RuleBook& book) {
    const std::vector<ClosedPeriod> closed =
        guarded("read closed periods", [&] { return read_closed_periods(database.session()); });
    if (closed.empty()) {
        return;
    }
    const billing::StatementOrigin& last = closed.back().origin;
    if (last.currency != book.currency || last.timezone != book.zone.name()) {
        throw Failure(ErrorKind::malformed,
                      "expected a rule book in " + last.currency + " and the zone " +
                          last.timezone + ", because " + last.period + " is closed in them, got " +
                          book.currency + " and " + book.zone.name());
    }
}

std::vector<billing::StatementTotal> read_statements(soci::session& session,
                                                     const ClosedPeriod& period) {
    std::vector<billing::StatementTotal> totals;
    RowStatement rows(session, kSelectStatements);
    rows.bind(period.first_statement).bind(period.statement_end);
    while (rows.fetch()) {
        totals.push_back({std::string(rows.text(0)),
                          decimal_of(rows.text(1)),
                          decimal_of(rows.text(2)),
                          rows.number(3),
                          rows.number(4)});
    }
    return totals;
}

void visit_statement_lines(soci::session& session,
                           LineRange range,
                           const billing::StatementVisitor& visit) {
    visit_lines(session, {kOfRange, range.first, range.end}, visit);
}

void visit_standing_lines(soci::session& session,
                          const ClosedPeriod& period,
                          Period stretch,
                          const billing::StatementVisitor& visit) {
    visit_lines(session, {kUsageStanding, period.lines.first, period.lines.end}, visit);
    visit_lines(session, {kCorrectionsStanding, stretch.start.micros, stretch.end.micros}, visit);
}

void visit_lines_about(soci::session& session,
                       std::int64_t number,
                       const billing::StatementVisitor& visit) {
    visit_lines(session, {kAbout, number, number}, visit);
}

void write_closed_period(soci::session& session, const NewPeriod& written) {
    const ClosedPeriod& period = written.period;
    insert_period(session, period);
    // Before the statements, which seal them.
    RowStatement insert(session, kInsertLine);
    written.each_line([&](const StatementLine& line) { insert_line(insert, period.number, line); });
    insert_statements(session, written);
}

}  // namespace dcm::store
