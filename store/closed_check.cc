#include "store/closed_check.h"

#include "store/book_check.h"
#include "store/book_rows.h"
#include "store/closed_periods.h"
#include "store/closed_rows.h"
#include "store/closing_record.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kComparingMonths = "compare closed months";
// The first condition is that of the index audit_log_closing.
constexpr const char* kCountRecords =
    "SELECT count(*) FROM audit_log "
    "WHERE kind IN ('period.closed', 'correction.made') AND kind = 'period.closed'";
constexpr const char* kCountStatements = "SELECT count(*) FROM statement";
constexpr const char* kCountLines = "SELECT count(*) FROM statement_line";

// What the lines of a month come to.
struct LineSums {
    std::vector<billing::StatementTotal> statements;
    std::int64_t corrections = 0;
    std::string sha256;
};

void add_line(const billing::StatementLine& line, LineSums& sums) {
    if (sums.statements.empty() || sums.statements.back().tenant != line.tenant) {
        sums.statements.push_back({line.tenant, {}, {}, line.line, line.line});
    }
    billing::StatementTotal& statement = sums.statements.back();
    statement.line_end = line.line + 1;
    statement.total_rounded += line.cost;
    if (line.kind != billing::StatementLineKind::rounding) {
        statement.total += line.cost;
    }
    sums.corrections += corrects_a_month(line) ? 1 : 0;
}

// `visit` is told after each line.
LineSums sums_of(soci::session& session, LineRange range, const std::function<void()>& visit) {
    LineSums sums;
    LinesHash hash;
    visit_statement_lines(session, range, [&](const billing::StatementLine& line) {
        hash.add(line);
        add_line(line, sums);
        visit();
    });
    sums.sha256 = hash.finish();
    return sums;
}

// The member that a record says otherwise; empty when there is none.
std::string differing_member(const nlohmann::json& found, const std::string& recorded) {
    const nlohmann::json body =
        nlohmann::json::parse(recorded, /*cb=*/nullptr, /*allow_exceptions=*/false);
    if (!body.is_object()) {
        return "body";
    }
    for (const auto& [name, value] : found.items()) {
        const auto said = body.find(name);
        if (said == body.end() || *said != value) {
            return name;
        }
    }
    return {};
}

class MonthComparison {
public:
    MonthComparison(const LogReader& snapshot, const CheckProgress& progress)
        : snapshot_(snapshot),
          session_(snapshot.database().session()),
          progress_(progress),
          stored_lines_(count_rows(session_, kCountLines)) {}

    std::vector<std::string> run() {
        const std::vector<ClosedPeriod> periods = read_closed_periods(session_);
        ClosedPeriod before;
        for (const ClosedPeriod& period : periods) {
            if (!follows(period, before)) {
                differ(period, "it does not follow the month before it");
            }
            compare(period);
            before = period;
        }
        require_same(static_cast<std::int64_t>(periods.size()),
                     count_rows(session_, kCountRecords),
                     "closed months in the database and in the log");
        require_same(statements_,
                     count_rows(session_, kCountStatements),
                     "statements of closed months and those that are there");
        require_same(lines_, stored_lines_, "lines of closed months and those that are there");
        return std::move(differences_);
    }

private:
    void compare(const ClosedPeriod& period) {
        compare_rows(period);
        const LineSums sums = sums_of(session_, period.lines, [this] { count_line(); });
        const auto statements = read_statements(session_, period);
        statements_ += static_cast<std::int64_t>(statements.size());
        if (sums.statements != statements) {
            differ(period, "its statements are not the sums of its lines");
        }
        if (static_cast<std::int64_t>(statements.size()) !=
            period.statement_end - period.first_statement) {
            differ(period, "it has not as many statements as it says");
        }
        if (sums.sha256 != period.origin.closing->lines_sha256) {
            differ(period, "its lines_sha256 is not that of its lines");
        }
        compare_with_record(period, closing_body({period, statements, sums.corrections}));
        if (!has_its_book(period.origin.book_digest)) {
            differ(period,
                   "its rule book " + period.origin.book_digest + " is not there as it was");
        }
    }

    void compare_with_record(const ClosedPeriod& period, const nlohmann::json& found) {
        const auto body = body_of_record(period);
        if (!body) {
            differ(period, "that record is not of its closing");
            return;
        }
        const std::string member = differing_member(found, *body);
        if (!member.empty()) {
            differ(period, member + " is not what was recorded");
        }
    }

    void compare_rows(const ClosedPeriod& period) {
        if (const auto odd = odd_statement(session_, period)) {
            differ(period, *odd);
        }
        if (const auto odd = odd_line(session_, period.lines)) {
            differ(period, *odd);
        }
    }

    void count_line() {
        ++lines_;
        progress_(std::min(lines_, stored_lines_), stored_lines_);
    }

    // nullopt when that record is no closing of this month.
    [[nodiscard]] std::optional<std::string> body_of_record(const ClosedPeriod& period) const {
        const billing::StatementOrigin::Closing& closing = *period.origin.closing;
        std::optional<std::string> body;
        snapshot_.each_leaf(closing.record, closing.record + 1, [&](const audit::Record& record) {
            if (record.kind == kPeriodClosed && record.subject == period.origin.period &&
                record.recorded_at == closing.at.micros) {
                body = record.body.value_or("");
            }
        });
        return body;
    }

    [[nodiscard]] bool has_its_book(const std::string& digest) const {
        RowStatement rows(session_, kSelectBook);
        rows.bind(digest);
        bool is_same = false;
        while (rows.fetch()) {
            is_same = book_digest(rows.text(0)) == digest;
        }
        return is_same;
    }

    void differ(const ClosedPeriod& period, const std::string& what) {
        differences_.push_back(period.origin.period + ", closed as record " +
                               std::to_string(period.origin.closing->record) + " says: " + what);
    }

    void require_same(std::int64_t left, std::int64_t right, const std::string& what) {
        if (left != right) {
            differences_.push_back(what + ": " + std::to_string(left) + " and " +
                                   std::to_string(right));
        }
    }

    const LogReader& snapshot_;
    soci::session& session_;
    const CheckProgress& progress_;
    std::int64_t stored_lines_;
    std::vector<std::string> differences_;
    std::int64_t statements_ = 0;
    std::int64_t lines_ = 0;
};

}  // namespace

std::vector<std::string> compare_closed_periods(const LogReader& snapshot,
                                                const CheckProgress& progress) {
    return guarded(kComparingMonths, [&] { return MonthComparison(snapshot, progress).run(); });
}

std::vector<ClosingNote> closing_notes(const LogReader& snapshot) {
    return guarded(kComparingMonths, [&] {
        std::vector<ClosingNote> notes;
        for (const ClosedPeriod& period : read_closed_periods(snapshot.database().session())) {
            const billing::StatementOrigin& origin = period.origin;
            if (origin.closing->checkpoint) {
                notes.push_back({origin.period, origin.log_size, *origin.closing->checkpoint});
            }
        }
        return notes;
    });
}

}  // namespace dcm::store
