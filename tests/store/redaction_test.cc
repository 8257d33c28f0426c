#include "store/redaction.h"

#include "audit/payload_check.h"
#include "store/examined_log.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <random>

namespace dcm::store {
namespace {

using test::bytes_of;
using test::Fixture;
using test::query_rows;
using test::query_text;

RedactionOutcome redact_beside(Fixture& fixture, std::int64_t seq, const std::string& ref = "R-1") {
    Database database = Database::open_for_writing(fixture.url);
    return redact(database, fixture.key, fixture.clock, {seq, ref, "user:anna"});
}

// What the verifier says about payloads: each gap needs its record.
std::size_t payload_findings(const DatabaseUrl& url) {
    const SharedSnapshot snapshot(url, /*workers=*/1);
    audit::Findings findings;
    audit::PayloadCheck check(findings, {});
    examine_log(snapshot,
                0,
                {[&](const audit::ExaminedRow& row) {
                     for (const audit::Finding& finding : row.findings) {
                         findings.add(finding);
                     }
                     check.add(row);
                 },
                 [](std::int64_t) {}});
    check.finish();
    return findings.kept().size();
}

TEST_CASE("a redaction removes what lies beside the record and says so in the log", "[redaction]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2", .payload = R"({"password":"hunter2"})"}, {.id = "3"}});
    const auto leaves = query_rows(fixture.url, "SELECT leaf_hex FROM audit_leaf ORDER BY seq");

    const RedactionOutcome outcome = redact_beside(fixture, 1, "GDPR \"17\"");
    CHECK(outcome.state == RedactionOutcome::State::done);
    CHECK(outcome.record == 3);
    CHECK(query_rows(fixture.url, "SELECT seq FROM v_audit_payload ORDER BY seq") ==
          std::vector<std::string>{"0", "2"});
    CHECK(query_rows(fixture.url,
                     "SELECT kind, actor, subject, outcome, body, payload_commit FROM v_audit "
                     "WHERE seq = 3") ==
          std::vector<std::string>{
              R"(payload.redacted|user:anna|seq/1|done|{"legal_ref":"GDPR \"17\""}|NULL)"});
    CHECK(query_rows(fixture.url, "SELECT leaf_hex FROM audit_leaf WHERE seq < 3 ORDER BY seq") ==
          leaves);
    CHECK(payload_findings(fixture.url) == 0);
    // The ingesting process goes on, and knows the event still.
    CHECK(fixture.append({{.id = "2"}, {.id = "4"}}) == IngestCounts{2, 1, 1, 0, 0});
}

TEST_CASE("what cannot be redacted is told apart, and nothing is recorded", "[redaction]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    CHECK(redact_beside(fixture, 2).state == RedactionOutcome::State::no_record);
    CHECK(redact_beside(fixture, 2).record == 2);
    CHECK(redact_beside(fixture, 0, "first").state == RedactionOutcome::State::done);
    const RedactionOutcome again = redact_beside(fixture, 0, "second");
    CHECK(again.state == RedactionOutcome::State::done_before);
    CHECK(again.record == 2);
    CHECK(again.legal_ref == "first");
    // The redaction's own record has nothing beside it.
    CHECK(redact_beside(fixture, 2).state == RedactionOutcome::State::no_payload);
    REQUIRE(test::run_sql(fixture.url, "DELETE FROM audit_payload WHERE seq = 1").empty());
    CHECK(redact_beside(fixture, 1).state == RedactionOutcome::State::unaccounted);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM audit_log") == "3");
}

std::string secret_of(std::int64_t number) {
    return "<secret-" + std::to_string(number) + ">";
}

TEST_CASE("no redacted byte is left in the file, in whatever order payloads go", "[redaction]") {
    // Goal: no page keeps what was erased, neither in a row nor in the gaps between rows.
    // Method: payloads of all sizes, some over several pages, go in random order; then the file is
    // searched.
    constexpr std::int64_t count = 400;
    // With the first one, deleting the rows left bytes of three of them (ADR 14).
    const unsigned seed = GENERATE(3'787'244'938U, std::random_device()());
    CAPTURE(seed);
    std::mt19937 random(seed);
    Fixture fixture;
    std::vector<test::EventSpec> specs;
    for (std::int64_t number = 0; number < count; ++number) {
        const std::size_t filler = number % 37 == 0 ? 50'000 : random() % 3'000;
        specs.push_back(
            {.id = std::to_string(number),
             .payload = secret_of(number) + std::string(filler, 'x') + secret_of(number)});
    }
    fixture.append(specs);
    std::vector<std::int64_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random);
    const std::vector<std::int64_t> kept(order.begin(), order.begin() + 30);
    {
        Database database = Database::open_for_writing(fixture.url);
        for (auto seq = order.begin() + 30; seq != order.end(); ++seq) {
            REQUIRE(
                redact(database, fixture.key, fixture.clock, {*seq, "R-1", "user:anna"}).state ==
                RedactionOutcome::State::done);
        }
        REQUIRE(empty_write_ahead_log(database));
    }
    CHECK(bytes_of(fixture.url.path.string() + "-wal").empty());
    const std::string bytes = bytes_of(fixture.url.path);
    for (const std::int64_t seq : order) {
        const bool is_kept = std::find(kept.begin(), kept.end(), seq) != kept.end();
        CAPTURE(seq, is_kept);
        CHECK((bytes.find(secret_of(seq)) != std::string::npos) == is_kept);
    }
    CHECK(payload_findings(fixture.url) == 0);
}

TEST_CASE("a reader that holds the write-ahead log back is told", "[redaction]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    CHECK(snapshot.head().size == 2);
    Database database = Database::open_for_writing(fixture.url);
    REQUIRE(redact(database, fixture.key, fixture.clock, {0, "R-1", "user:anna"}).state ==
            RedactionOutcome::State::done);
    CHECK_FALSE(empty_write_ahead_log(database));
}

}  // namespace
}  // namespace dcm::store
