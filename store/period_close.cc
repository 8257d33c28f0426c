#include "store/period_close.h"

#include "audit/record.h"
#include "store/book_rows.h"
#include "store/closing_record.h"
#include "store/log_append.h"
#include "store/statement.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kClosing = "close a period";
constexpr std::string_view kCorrectionMade = "correction.made";
constexpr const char* kCountClosed = "SELECT count(*) FROM closed_period";

// What the closing corrects of one earlier month, of one tenant.
struct CorrectionSum {
    std::int64_t lines = 0;
    Decimal total;
};

// A period as it is to be written, computed from one snapshot.
struct Prepared {
    CloseOutcome outcome;
    PeriodStatements statements;
    ClosedPeriod period;
    std::map<std::pair<std::string, std::string>, CorrectionSum>
        corrections;  // by month and tenant
};

std::vector<std::string> reasons_against(const StatementReader& reader,
                                         const billing::BillingPeriod& period,
                                         Instant now) {
    std::vector<std::string> reasons;
    if (now < period.during.end) {
        reasons.push_back("it ends " + format_rfc3339(period.during.end) + " and is not over yet");
    }
    const std::vector<billing::BillingPeriod> open = reader.open_periods();
    if (!open.empty() && open.front().month < period.month) {
        reasons.push_back("periods close in order, and " + format_month(open.front().month) +
                          " is open still");
    }
    if (!reader.closed().empty() &&
        period.during.end <= reader.closed().front().origin.during.start) {
        reasons.push_back("it lies before " + reader.closed().front().origin.period +
                          ", the first that was closed: usage found there is a correction in the "
                          "earliest open month");
    }
    return reasons;
}

// The last of those that event times can be.
constexpr Instant kLastInstant{253'402'300'799'999'999};  // 9999-12-31T23:59:59.999999Z

Instant end_of_grace(Instant end, Duration grace) {
    return grace < kLastInstant - end ? end + grace : kLastInstant;
}

// Instances with usage that came late for a closed month, the first few of them.
std::string instances_of(const std::vector<LateUnrated>& late) {
    constexpr std::size_t shown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, late.size()); ++i) {
        text += (i == 0 ? "" : ", ") + late[i].instance.service_type + '/' +
                late[i].instance.instance + " in " + late[i].period;
    }
    return late.size() > shown ? text + ", and " + std::to_string(late.size() - shown) + " more"
                               : text;
}

// Empty where every usage has a rate.
std::string unrated_usage(const PeriodStatements& statements) {
    std::string text;
    if (const Decimal unrated = statements.unrated_seconds(); !unrated.is_zero()) {
        text = unrated.to_string() +
               " s of usage that no rate matches: see report unrated --period " +
               statements.origin().period;
    }
    if (const std::vector<LateUnrated>& late = statements.late_unrated(); !late.empty()) {
        billing::Int128 micros = 0;
        for (const LateUnrated& usage : late) {
            micros += usage.micros;
        }
        text += (text.empty() ? "" : "; ") + billing::seconds_of(micros).to_string() +
                " s of usage late for a closed month, which no rate of the book it was closed with "
                "matches: " +
                instances_of(late) + ": see usage --period " + late.front().period;
    }
    return text;
}

std::vector<ClosingDoubt> doubts_about(const LogReader& snapshot,
                                       const StatementReader& reader,
                                       const PeriodStatements& statements,
                                       const PeriodClose& request,
                                       Instant now) {
    const billing::BillingPeriod period{request.month, statements.origin().during};
    std::vector<ClosingDoubt> doubts = find_doubts(
        snapshot, {period, reader.closed(), request.book, closing_scope(reader.closed(), period)});
    if (std::string unrated = unrated_usage(statements); !unrated.empty()) {
        doubts.push_back({std::string(kDoubtUnrated), std::move(unrated)});
    }
    const bool is_first = reader.closed().empty();
    const std::optional<Instant> earliest = is_first ? reader.earliest_start() : std::nullopt;
    if (is_first && (!earliest || period.during.end <= *earliest)) {
        doubts.push_back({std::string(kDoubtEarly),
                          "no usage is known" +
                              (earliest ? " before " + format_rfc3339(*earliest) : "") +
                              ", and every month from this one on would have to be closed"});
    }
    if (const Instant end = end_of_grace(period.during.end, request.grace); now < end) {
        doubts.push_back(
            {std::string(kDoubtGrace), "late events are waited for until " + format_rfc3339(end)});
    }
    doubts.insert(doubts.end(), request.doubts.begin(), request.doubts.end());
    return doubts;
}

// Divides doubts into those that were accepted and the others.
void judge(std::vector<ClosingDoubt> doubts, const PeriodClose& request, CloseOutcome& outcome) {
    for (ClosingDoubt& doubt : doubts) {
        const bool is_accepted =
            std::find(request.accepted.begin(), request.accepted.end(), doubt.name) !=
            request.accepted.end();
        (is_accepted ? outcome.accepted : outcome.doubts).push_back(std::move(doubt));
    }
    if (!outcome.reasons.empty() || !outcome.doubts.empty()) {
        outcome.state = CloseOutcome::State::refused;
    }
}

// Tells now and then how far the lines are. They are gone through twice.
class LineCount {
public:
    LineCount(const PeriodClose& request, const ClosedPeriod& period)
        : show_(request.show), lines_(period.lines.end - period.lines.first) {}

    void begin_second_time() { done_ = lines_; }
    void add() {
        constexpr std::int64_t between = 1'024;
        if (++done_ % between == 0 && show_) {
            show_(done_, 2 * lines_);
        }
    }

private:
    const std::function<void(std::int64_t, std::int64_t)>& show_;
    std::int64_t lines_;
    std::int64_t done_ = 0;
};

// Hashes the lines, and sums the corrections among them.
void go_through_lines(const StatementReader& reader,
                      const PeriodClose& request,
                      Prepared& prepared) {
    LinesHash hash;
    LineCount count(request, prepared.period);
    prepared.statements.each_line([&](const billing::StatementLine& line) {
        count.add();
        hash.add(line);
        if (corrects_a_month(line)) {
            const std::string month = format_month(reader.month_at(line.charge.start));
            CorrectionSum& sum = prepared.corrections[{month, line.tenant}];
            ++sum.lines;
            sum.total += line.cost;
            ++prepared.outcome.corrections;
        }
    });
    prepared.period.origin.closing->lines_sha256 = hash.finish();
}

void place(const StatementReader& reader, Prepared& prepared) {
    const std::vector<billing::StatementTotal>& totals = prepared.statements.totals();
    const ClosedPeriod before = reader.closed().empty() ? ClosedPeriod{} : reader.closed().back();
    ClosedPeriod& period = prepared.period;
    period.origin = prepared.statements.origin();
    period.origin.as_of.reset();
    period.origin.closing = billing::StatementOrigin::Closing{};
    period.number = before.number + 1;
    period.first_statement = before.statement_end;
    period.statement_end = before.statement_end + static_cast<std::int64_t>(totals.size());
    period.lines = {before.lines.end, totals.empty() ? before.lines.end : totals.back().line_end};
}

Prepared prepare(Database& database, const PeriodClose& request, Instant now) {
    const LogReader snapshot(database);
    const StatementReader reader(snapshot, request.book, now);
    Prepared prepared;
    CloseOutcome& outcome = prepared.outcome;
    prepared.statements = reader.read(request.month);
    outcome.origin = prepared.statements.origin();
    outcome.statements = prepared.statements.totals();
    if (prepared.statements.is_closed()) {
        outcome.state = CloseOutcome::State::closed_before;
        return prepared;
    }
    outcome.reasons =
        reasons_against(reader, {request.month, prepared.statements.origin().during}, now);
    judge(doubts_about(snapshot, reader, prepared.statements, request, now), request, outcome);
    if (outcome.state == CloseOutcome::State::refused) {
        return prepared;
    }
    place(reader, prepared);
    go_through_lines(reader, request, prepared);
    if (const auto checkpoint = snapshot.newest_checkpoint()) {
        prepared.period.origin.closing->checkpoint = checkpoint->note;
    }
    outcome.origin = prepared.period.origin;
    return prepared;
}

nlohmann::json accepted_json(const std::vector<ClosingDoubt>& accepted) {
    nlohmann::json list = nlohmann::json::array();
    for (const ClosingDoubt& doubt : accepted) {
        list.push_back({{"detail", doubt.detail}, {"reason", doubt.name}});
    }
    return list;
}

audit::Record closing_record(const Prepared& prepared) {
    nlohmann::json body =
        closing_body({prepared.period, prepared.statements.totals(), prepared.outcome.corrections});
    if (!prepared.outcome.accepted.empty()) {
        body["accepted"] = accepted_json(prepared.outcome.accepted);
    }
    audit::Record record;
    record.kind = kPeriodClosed;
    record.subject = prepared.period.origin.period;
    record.outcome = audit::kOutcomeDone;
    record.body = body.dump();
    return record;
}

void record_corrections(LogAppend& append, const Prepared& prepared) {
    for (const auto& [of, sum] : prepared.corrections) {
        audit::Record record;
        record.kind = kCorrectionMade;
        record.subject = of.first;
        record.tenant = of.second;
        record.outcome = audit::kOutcomeDone;
        record.body = nlohmann::json{{"currency", prepared.period.origin.currency},
                                     {"lines", sum.lines},
                                     {"period", prepared.period.origin.period},
                                     {"total", sum.total.to_string()}}
                          .dump();
        append.record(record);
    }
}

// Nothing was closed in between, and still the next number is not one more than there are periods.
[[noreturn]] void refuse_numbers() {
    throw Failure(ErrorKind::malformed,
                  "expected closed months with the numbers 1, 2 and so on, found others: somebody "
                  "changed the table closed_period; run `dcm-billing audit verify --rebuild`");
}

// False, and nothing is written, when another period was closed since the snapshot.
bool write(Database& database,
           const audit::SigningKey& key,
           const Clock& clock,
           const PeriodClose& request,
           Prepared& prepared) {
    LogAppend append(database, key, clock, {request.actor, std::string(kClosing)});
    return guarded(kClosing, [&] {
        std::int64_t closed = 0;
        append.session() << kCountClosed, soci::into(closed);
        if (closed + 1 != prepared.period.number) {
            return false;
        }
        const std::string digest(request.book.digest);
        const std::string bytes(request.book.bytes);
        append.session() << kInsertBook, soci::use(digest, "digest"), soci::use(bytes, "bytes");
        audit::Record record = closing_record(prepared);
        append.record(record);
        record_corrections(append, prepared);
        billing::StatementOrigin::Closing& closing = *prepared.period.origin.closing;
        closing.at = Instant{record.recorded_at};
        closing.record = record.seq;
        LineCount count(request, prepared.period);
        count.begin_second_time();
        write_closed_period(
            append.session(),
            {prepared.period,
             prepared.statements.totals(),
             [&](const billing::StatementVisitor& visit) {
                 prepared.statements.each_line([&](const billing::StatementLine& line) {
                     count.add();
                     visit(line);
                 });
             }});
        append.commit();
        prepared.outcome.origin = prepared.period.origin;
        return true;
    });
}

}  // namespace

CloseOutcome close_period(Database& database,
                          const audit::SigningKey& key,
                          const Clock& clock,
                          const PeriodClose& request) {
    std::int64_t tried = 0;  // the number that the latest attempt had for the period
    while (true) {
        Prepared prepared =
            guarded(kClosing, [&] { return prepare(database, request, clock.now()); });
        if (prepared.outcome.state == CloseOutcome::State::closed &&
            prepared.period.number == tried) {
            refuse_numbers();
        }
        tried = prepared.period.number;
        const bool is_done = prepared.outcome.state != CloseOutcome::State::closed ||
                             write(database, key, clock, request, prepared);
        if (is_done) {
            return std::move(prepared.outcome);
        }
    }
}

CloseOutcome preview_close(Database& database, const Clock& clock, const PeriodClose& request) {
    return guarded(kClosing, [&] { return prepare(database, request, clock.now()).outcome; });
}

}  // namespace dcm::store
