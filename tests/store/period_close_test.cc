#include "store/period_close.h"

#include "audit/hash.h"
#include "billing/render_statement.h"
#include "rules/parse.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using State = CloseOutcome::State;
using test::Fixture;
using test::query_rows;
using test::query_text;
using test::run_sql;
using Texts = std::vector<std::string>;

constexpr std::string_view kBook = R"(version: 1
currency: EUR
timezone: UTC
issuer: Example Cloud
rates:
  - {id: vm, match: {service_type: vm, state: RUNNING}, price: "0.5", unit: hour}
)";
constexpr std::string_view kDigest = "sha256:of-the-book";

constexpr CivilDate kMay{2026, 5, 1};
constexpr CivilDate kJune{2026, 6, 1};
constexpr std::int64_t kMayStart = 1'777'593'600;  // 2026-05-01T00:00:00Z
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kJuneStart = kMayStart + 31 * kDay;
constexpr std::int64_t kHour = 3'600;

rules::RuleBook parse(std::string_view text) {
    const std::vector<rules::BookFile> files{{"book.yaml", std::string(text)}};
    auto parsed = rules::parse_book(files, {});
    REQUIRE(parsed.book.has_value());
    return *std::move(parsed.book);
}

// A vm that ran from the first of May, for two hours, and again in June.
struct Billing {
    Fixture fixture;
    rules::RuleBook rules = parse(kBook);

    Billing() {
        fixture.append({{.id = "1", .time_s = kMayStart},
                        {.id = "2", .word = "ERROR", .time_s = kMayStart + 2 * kHour},
                        {.id = "3", .time_s = kJuneStart + kHour},
                        {.id = "4", .word = "DELETED", .time_s = kJuneStart + 2 * kHour}});
    }

    [[nodiscard]] PresentBook book() const { return {rules, kBook, kDigest}; }
    [[nodiscard]] PeriodClose request(CivilDate month) const {
        return {month, book(), "user:anna", Duration{0}, {}, {}};
    }
    CloseOutcome close(const PeriodClose& request) {
        while (fixture.store.projection_lag() > 0) {
            fixture.store.project(1'000);
        }
        Database database = Database::open_for_writing(fixture.url);
        return close_period(database, fixture.key, fixture.clock, request);
    }
    CloseOutcome close(CivilDate month) { return close(request(month)); }
    [[nodiscard]] std::string value(const std::string& sql) const {
        return query_text(fixture.url, sql);
    }
};

TEST_CASE("closing writes the statements, their lines and one record", "[period]") {
    Billing billing;
    const CloseOutcome outcome = billing.close(kMay);
    CHECK(outcome.state == State::closed);
    CHECK(outcome.origin.closing->record == 4);
    REQUIRE(outcome.statements.size() == 1);
    CHECK(outcome.statements.front().total_rounded == Decimal(1));
    CHECK(query_rows(billing.fixture.url, "SELECT * FROM v_statement_line ORDER BY line") ==
          Texts{"2026-05|1|unassigned|x|vm|i-1|usage|vm|RUNNING|2026-05-01T00:00:00Z|"
                "2026-05-01T02:00:00Z|7200|2|hour|0.5|1|EUR|NULL",
                "2026-05|2|unassigned|NULL|NULL|NULL|rounding|rounding|NULL|2026-05-01T00:00:00Z|"
                "2026-06-01T00:00:00Z|0|NULL|NULL|NULL|0|EUR|NULL"});
    CHECK(query_rows(billing.fixture.url,
                     "SELECT seq, kind, actor, subject, outcome FROM v_audit WHERE seq >= 4") ==
          Texts{"4|period.closed|user:anna|2026-05|done"});
    CHECK(billing.value("SELECT json_extract(body, '$.log.size') FROM v_audit WHERE seq = 4") ==
          "4");
    CHECK(billing.value("SELECT json_extract(body, '$.total') FROM v_audit WHERE seq = 4") == "1");
    CHECK(billing.value(
              "SELECT CAST(bytes AS TEXT) FROM book WHERE digest = 'sha256:of-the-book'") == kBook);
}

TEST_CASE("the view has lengths to the last digit as text, also of what is taken back",
          "[period]") {
    Billing billing;
    const auto ended = [&billing](const std::string& id, std::int64_t micros) {
        billing.fixture.append({{.id = id,
                                 .instance = "i-2",
                                 .word = "DELETED",
                                 .time_s = kMayStart,
                                 .time_us = micros}});
    };
    billing.fixture.append({{.id = "5", .instance = "i-2", .time_s = kMayStart}});
    ended("6", 3'599'999'999);
    REQUIRE(billing.close(kMay).state == State::closed);
    ended("7", 250'000);
    REQUIRE(billing.close(kJune).state == State::closed);
    CHECK(query_rows(billing.fixture.url,
                     "SELECT billed_seconds, typeof(billed_seconds) FROM v_statement_line") ==
          Texts{"7200|text",
                "3599.999999|text",
                "0|text",
                "3600|text",
                "-3599.999999|text",
                "0.25|text",
                "0|text"});
}

TEST_CASE("the record's hash is that of the lines as JSON Lines", "[period]") {
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    Database database = Database::open_for_reading(billing.fixture.url);
    const LogReader snapshot(database);
    const StatementReader reader(snapshot, billing.book(), billing.fixture.clock.now());
    std::string text;
    reader.read(kMay).each_line([&text](const billing::StatementLine& line) {
        billing::append_statement_json(text, line);
    });
    CHECK(billing.value("SELECT json_extract(body, '$.lines_sha256') FROM v_audit WHERE seq = 4") ==
          audit::to_hex(audit::sha256(text)));
}

TEST_CASE("fault 83: closing twice is the same as once", "[period]") {
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    const auto rows = query_rows(billing.fixture.url, "SELECT * FROM closed_period");
    billing.fixture.append({{.id = "5", .instance = "i-2", .time_s = kMayStart}});
    const CloseOutcome again = billing.close(kMay);
    CHECK(again.state == State::closed_before);
    CHECK(again.origin.closing->record == 4);
    CHECK(again.statements.front().total_rounded == Decimal(1));
    CHECK(query_rows(billing.fixture.url, "SELECT * FROM closed_period") == rows);
    CHECK(billing.value("SELECT count(*) FROM v_audit WHERE kind = 'period.closed'") == "1");
}

TEST_CASE("periods close in order, and not before they are over", "[period]") {
    Billing billing;
    CHECK(billing.close(kJune).reasons ==
          Texts{"periods close in order, and 2026-05 is open still"});
    REQUIRE(billing.close(kMay).state == State::closed);
    CHECK(billing.close({2026, 4, 1}).reasons.size() == 1);
    CHECK(billing.close({2026, 7, 1}).reasons ==
          Texts{"periods close in order, and 2026-06 is open still"});
    billing.fixture.clock.set(Instant{(kJuneStart + 30 * kDay) * kMicrosPerSecond - 1});
    CHECK(billing.close(kJune).reasons ==
          Texts{"it ends 2026-07-01T00:00:00Z and is not over yet"});
    billing.fixture.clock.set(Instant{(kJuneStart + 30 * kDay) * kMicrosPerSecond});
    CHECK(billing.close(kJune).state == State::closed);
    CHECK(billing.value(
              "SELECT group_concat(line) FROM v_statement_line WHERE period = '2026-06'") == "3,4");
}

TEST_CASE("a dry run tells what would be and writes nothing", "[period]") {
    Billing billing;
    while (billing.fixture.store.projection_lag() > 0) {
        billing.fixture.store.project(1'000);
    }
    Database database = Database::open_for_reading(billing.fixture.url);
    const CloseOutcome outcome =
        preview_close(database, billing.fixture.clock, billing.request(kMay));
    CHECK(outcome.state == State::closed);
    CHECK(outcome.statements.front().total_rounded == Decimal(1));
    CHECK(billing.value("SELECT count(*) FROM closed_period") == "0");
    CHECK(billing.value("SELECT count(*) FROM v_audit") == "4");
}

TEST_CASE("what stands against closing is told at once, and accepted by name", "[period]") {
    Billing billing;
    billing.fixture.append(
        {{.id = "5", .instance = "i-2", .word = "PAUSED", .time_s = kMayStart},
         {.id = "6", .instance = "i-2", .word = "DELETED", .time_s = kMayStart + kHour}});
    test::record(billing.fixture.store, {test::rejected_message(billing::Reason::bad_json)});
    PeriodClose request = billing.request(kMay);
    request.grace = Duration{365 * kDay * kMicrosPerSecond};
    request.doubts = {{std::string(kDoubtBacklog), "7 messages"}};
    const CloseOutcome refused = billing.close(request);
    CHECK(refused.state == State::refused);
    CHECK(refused.reasons.empty());
    Texts names;
    for (const ClosingDoubt& doubt : refused.doubts) {
        names.push_back(doubt.name);
    }
    CHECK(names == Texts{"quarantine", "unrated", "grace", "backlog"});
    CHECK(billing.value("SELECT count(*) FROM closed_period") == "0");
    request.accepted = {"quarantine", "unrated", "grace", "backlog", "gaps"};
    CHECK(billing.close(request).state == State::closed);
    CHECK(billing.value("SELECT json_extract(body, '$.accepted[1]') FROM v_audit "
                        "WHERE kind = 'period.closed'") ==
          R"({"detail":"3600 s of usage that no rate matches: see report unrated --period )"
          R"(2026-05","reason":"unrated"})");
    CHECK(billing.value("SELECT json_array_length(body, '$.accepted') FROM v_audit "
                        "WHERE kind = 'period.closed'") == "4");
}

TEST_CASE("a first month before all usage is closed by whoever means it", "[period]") {
    Billing billing;
    const CloseOutcome refused = billing.close({2025, 4, 1});
    CHECK(refused.reasons.empty());
    REQUIRE(refused.doubts.size() == 1);
    CHECK(refused.doubts.front().name == kDoubtEarly);
    CHECK_THAT(refused.doubts.front().detail, Catch::Contains("before 2026-05-01T00:00:00Z"));
    PeriodClose request = billing.request({2026, 4, 1});
    request.accepted = {"early"};
    CHECK(billing.close(request).state == State::closed);
    CHECK(billing.close(kMay).state == State::closed);
}

TEST_CASE("an event that is not projected yet stands against closing its month", "[period]") {
    Billing billing;
    const auto doubts = [&billing](CivilDate month) {
        Database database = Database::open_for_writing(billing.fixture.url);
        return close_period(
                   database, billing.fixture.key, billing.fixture.clock, billing.request(month))
            .doubts;
    };
    REQUIRE(doubts(kMay).size() == 1);
    CHECK(doubts(kMay).front().name == kDoubtProjection);
    REQUIRE(billing.close(kMay).state == State::closed);
    billing.fixture.append({{.id = "9", .time_s = kJuneStart + 30 * kDay}});
    CHECK(doubts(kJune).empty());
}

TEST_CASE("a late event is a correction in the next month, once", "[period]") {
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    billing.fixture.append({{.id = "5", .word = "ERROR", .time_s = kMayStart + kHour}});
    const CloseOutcome june = billing.close(kJune);
    CHECK(june.corrections == 2);
    CHECK(query_rows(billing.fixture.url,
                     "SELECT line, kind, charge_start / 3600000000 - 493776, quantity, cost,"
                     " corrects FROM statement_line WHERE line > 2 ORDER BY line") ==
          Texts{"3|usage|745|1|0.5|NULL",
                "4|reversal|0|-2|-1|1",
                "5|correction|0|1|0.5|1",
                "6|rounding|744|NULL|0|NULL"});
    CHECK(query_rows(billing.fixture.url,
                     "SELECT subject, tenant, body FROM v_audit WHERE kind = 'correction.made'") ==
          Texts{R"(2026-05|unassigned|{"currency":"EUR","lines":2,"period":"2026-06",)"
                R"("total":"-0.5"})"});
    CHECK(billing.close({2026, 7, 1}).corrections == 0);
}

TEST_CASE("a late event is a correction whether the projection has it yet or not", "[period]") {
    const bool is_projected = GENERATE(false, true);
    const bool is_late = GENERATE(false, true);
    INFO("projected " << is_projected << ", late " << is_late);
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    billing.fixture.append(
        {{.id = "5", .word = "ERROR", .time_s = is_late ? kMayStart + kHour : kJuneStart}});
    if (is_projected) {
        billing.fixture.store.project(1'000);
    }
    Database database = Database::open_for_reading(billing.fixture.url);
    const LogReader snapshot(database);
    const StatementReader reader(snapshot, billing.book(), billing.fixture.clock.now());
    int corrections = 0;
    reader.read(kJune).each_line([&corrections](const billing::StatementLine& line) {
        corrections += line.kind == billing::StatementLineKind::reversal ||
                               line.kind == billing::StatementLineKind::correction
                           ? 1
                           : 0;
    });
    CHECK(corrections == (is_late ? 2 : 0));
}

TEST_CASE("a month stays as it was closed when the rules of the zone change", "[period]") {
    const std::int64_t moved = GENERATE(-kHour, kHour);  // where June began by the rules of then
    INFO(moved);
    Billing billing;
    billing.fixture.append(
        {{.id = "5", .instance = "i-2", .time_s = kJuneStart - 2 * kHour},
         {.id = "6", .instance = "i-2", .word = "DELETED", .time_s = kJuneStart + 2 * kHour}});
    const rules::RuleBook now = billing.rules;
    const Instant june{(kJuneStart + moved) * kMicrosPerSecond};
    billing.rules.zone = now.zone.with_months({{kJune, june}});
    REQUIRE(billing.close(kMay).state == State::closed);
    billing.rules = now;
    billing.fixture.append({{.id = "7", .word = "ERROR", .time_s = kMayStart + kHour}});
    {
        Database database = Database::open_for_reading(billing.fixture.url);
        const LogReader snapshot(database);
        const StatementReader reader(snapshot, billing.book(), billing.fixture.clock.now());
        const auto open = reader.open_periods();
        CHECK(open.front().month == kJune);
        CHECK(open.front().during.start == june);
        CHECK(reader.period_of(kMay).during.end == june);
    }
    CHECK(billing.close(kMay).state == State::closed_before);
    const CloseOutcome outcome = billing.close(kJune);
    CHECK(outcome.state == State::closed);
    CHECK(outcome.corrections == 2);
    CHECK(billing.value("SELECT sum(billed) / 3600000000 FROM statement_line "
                        "WHERE instance_id = 'i-2'") == "4");
    CHECK(billing.value("SELECT group_concat(subject) FROM v_audit "
                        "WHERE kind = 'correction.made'") == "2026-05");
    CHECK(billing.close({2026, 7, 1}).corrections == 0);
}

TEST_CASE("an empty month closes without statements", "[period]") {
    Billing billing;
    billing.fixture.clock.set(Instant{(kJuneStart + 70 * kDay) * kMicrosPerSecond});
    REQUIRE(billing.close(kMay).state == State::closed);
    REQUIRE(billing.close(kJune).state == State::closed);
    const CloseOutcome july = billing.close({2026, 7, 1});
    CHECK(july.state == State::closed);
    CHECK(july.statements.empty());
}

TEST_CASE("closed and open periods are read alike", "[period]") {
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    Database database = Database::open_for_reading(billing.fixture.url);
    const LogReader snapshot(database);
    const StatementReader reader(
        snapshot, billing.book(), Instant{(kJuneStart + 40 * kDay) * kMicrosPerSecond});
    REQUIRE(reader.closed().size() == 1);
    const auto open = reader.open_periods();
    REQUIRE(open.size() == 2);
    CHECK(format_month(open.front().month) == "2026-06");
    const PeriodStatements june = reader.read(kJune);
    CHECK_FALSE(june.is_closed());
    REQUIRE(june.totals().size() == 1);
    CHECK(
        june.totals().front() ==
        billing::StatementTotal{"unassigned", Decimal(BigInt(5), 1), Decimal(BigInt(5), 1), 3, 5});
    const PeriodStatements may = reader.read(kMay);
    CHECK(may.is_closed());
    std::vector<std::int64_t> lines;
    may.each_line(may.totals().front(), [&lines](const auto& line) { lines.push_back(line.line); });
    june.each_line([&lines](const auto& line) { lines.push_back(line.line); });
    CHECK(lines == std::vector<std::int64_t>{1, 2, 3, 4});
}

TEST_CASE("fault 11: nothing closed is changed, removed or added to", "[period]") {
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    const std::string line_into =
        "INSERT INTO statement_line (line, period_no, kind, tenant, meter, rate, charge_start,"
        " charge_end, billed, cost) VALUES (";
    const std::string rest = ", 'usage', 'acme', 'm', 'r', 0, 1, 1, '1')";
    const std::string statement = GENERATE_COPY(
        std::string("UPDATE closed_period SET tzdata = 'x'"),
        std::string("DELETE FROM closed_period"),
        std::string("REPLACE INTO closed_period SELECT * FROM closed_period"),
        // The next one in all but its name.
        std::string("REPLACE INTO closed_period SELECT 2, period, ended_at, ended_at + 1, timezone,"
                    " currency, book_digest, tzdata, log_size, log_root, checkpoint, closed_at,"
                    " closed_by_seq, statement_end, statement_end, line_end, line_end,"
                    " lines_sha256 FROM closed_period"),
        std::string("UPDATE statement SET total = '0'"),
        std::string("DELETE FROM statement"),
        std::string("REPLACE INTO statement SELECT * FROM statement"),
        std::string("INSERT INTO statement VALUES (2, 1, 'acme', '0', '0', 3, 3)"),
        std::string("UPDATE statement_line SET cost = '0'"),
        std::string("DELETE FROM statement_line WHERE line = 2"),
        std::string("REPLACE INTO statement_line SELECT * FROM statement_line"),
        std::string("REPLACE INTO statement_line SELECT * FROM statement_line LIMIT 1"),
        line_into + "3, 1" + rest,
        line_into + "3, 2" + rest,
        line_into + "0, 1" + rest,
        line_into + "0, 2" + rest,
        line_into + "-1, 1" + rest,
        line_into + "-1, 2" + rest);
    INFO(statement);
    const auto closed = [&billing] {
        return std::tuple(query_rows(billing.fixture.url, "SELECT * FROM closed_period"),
                          query_rows(billing.fixture.url, "SELECT * FROM statement"),
                          query_rows(billing.fixture.url, "SELECT * FROM statement_line"));
    };
    const auto before = closed();
    CHECK_THAT(run_sql(billing.fixture.url, statement), Catch::Contains("append-only"));
    CHECK(closed() == before);
}

// Whoever owns the file can drop what guards it.
TEST_CASE("closed months whose numbers were changed are refused, not waited for", "[period]") {
    Billing billing;
    REQUIRE(billing.close(kMay).state == State::closed);
    for (const char* const statement : {"DROP TRIGGER closed_period_no_update",
                                        "UPDATE closed_period SET period_no = period_no + 4"}) {
        REQUIRE(run_sql(billing.fixture.url, statement).empty());
    }
    CHECK_THROWS_WITH(billing.close(kJune), Catch::Contains("audit verify --rebuild"));
    CHECK(billing.value("SELECT count(*) FROM v_audit WHERE kind = 'period.closed'") == "1");
}

}  // namespace
}  // namespace dcm::store
