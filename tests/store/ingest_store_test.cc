#include "store/ingest_store.h"

#include "audit/hash.h"
#include "audit/tree.h"
#include "base/encoding.h"
#include "store/log_reader.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>

namespace dcm::store {
namespace {

using dcm::billing::Reason;
using test::EventSpec;
using test::Fixture;
using test::query_rows;
using test::query_text;

void require_consistent_tree(const DatabaseUrl& url) {
    const auto rows = query_rows(url, "SELECT leaf_hex FROM audit_leaf ORDER BY seq");
    std::vector<dcm::audit::Hash> leaves;
    leaves.reserve(rows.size());
    for (const auto& leaf_hex : rows) {
        leaves.push_back(dcm::audit::leaf_hash(*dcm::hex_decode(leaf_hex)));
    }
    auto database = Database::open_for_reading(url);
    const LogReader reader(database);
    const auto head = reader.head();
    REQUIRE(head.size == static_cast<std::int64_t>(leaves.size()));
    const auto frontier = dcm::audit::Frontier::restore(head.size, head.frontier);
    REQUIRE(frontier.ok());
    CHECK(frontier.value().root() == dcm::audit::tree_root(leaves));
}

std::vector<EventSpec> distinct_events(int count, const std::string& prefix) {
    std::vector<EventSpec> specs;
    specs.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        specs.push_back(
            {.id = prefix + std::to_string(i), .instance = "i-" + std::to_string(i % 7)});
    }
    return specs;
}

TEST_CASE("verdicts by identity: the same report again, and an id used again", "[store]") {
    Fixture fixture;
    CHECK(fixture.append({{.id = "1"}, {.id = "1"}}) == IngestCounts{2, 1, 1, 0, 0});
    // Across batches, with another time and another word of the same status.
    CHECK(fixture.append({{.id = "1", .time_s = 1'777'700'000}}) == IngestCounts{1, 0, 1, 0, 0});
    CHECK(fixture.append({{.id = "2", .word = "FAILED"}, {.id = "2", .word = "ERROR"}}) ==
          IngestCounts{2, 1, 1, 0, 0});
    CHECK(fixture.append({{.id = "1", .word = "STOPPED"}}) == IngestCounts{1, 0, 0, 1, 0});
    CHECK(fixture.append({{.id = "1", .instance = "i-2"}}) == IngestCounts{1, 0, 0, 1, 0});
    CHECK(fixture.append({{.id = "1", .service_type = "container"}}) ==
          IngestCounts{1, 0, 0, 1, 0});
    CHECK(fixture.append({{.source = "other", .id = "1"}}) == IngestCounts{1, 1, 0, 0, 0});
    CHECK(query_rows(fixture.url, "SELECT outcome, reason, ce_id FROM audit_log WHERE seq > 4") ==
          std::vector<std::string>{"rejected|id_reused|1",
                                   "rejected|id_reused|1",
                                   "rejected|id_reused|1",
                                   "accepted|NULL|1"});
}

TEST_CASE("a message rejected by rules 1 to 6 holds no identity", "[store]") {
    Fixture fixture;
    auto rejected = test::rejected_message(Reason::missing_status);
    std::get<dcm::billing::Rejection>(rejected.decision).source = "dcm/providers/x";
    std::get<dcm::billing::Rejection>(rejected.decision).id = "1";
    CHECK(test::record(fixture.store, {rejected}).rejected == 1);
    CHECK(fixture.append({{.id = "1"}}).accepted == 1);
}

TEST_CASE("fault 85: SQL in source and id is text like any other", "[store]") {
    Fixture fixture;
    const std::vector<EventSpec> specs{
        {.source = "x'; DROP TABLE audit_log; --", .id = "\" OR 1=1"},
        {.source = ":id", .id = "%_\\"},
        {.source = "\xCA\xBC", .id = "NULL"}};
    CHECK(fixture.append(specs).accepted == 3);
    CHECK(fixture.append(specs).duplicate == 3);
    CHECK(query_text(fixture.url, "SELECT ce_source FROM audit_log WHERE seq = 0") ==
          specs[0].source);
    require_consistent_tree(fixture.url);
}

TEST_CASE("a redelivery adds nothing; all four parts of the position count", "[store]") {
    Fixture fixture;
    CHECK(fixture.append({{.id = "1", .stream_seq = 1},
                          {.id = "1", .stream_seq = 1},
                          {.id = "2", .stream_seq = 2},
                          {.id = "3", .stream_seq = 3}}) == IngestCounts{3, 3, 0, 0, 1});
    CHECK(fixture.append({{.id = "2", .stream_seq = 2}, {.id = "5", .stream_seq = 5}}) ==
          IngestCounts{1, 1, 0, 0, 1});
    // Published again: a message of its own.
    CHECK(fixture.append({{.id = "1", .stream_seq = 6}}) == IngestCounts{1, 0, 1, 0, 0});
    // A recovered stream uses sequence 2 again, with another time.
    CHECK(fixture.append({{.id = "9", .time_s = 1'777'629'700, .stream_seq = 2}}).accepted == 1);
    CHECK(fixture.append({{.id = "9", .time_s = 1'777'629'700, .stream_seq = 2},
                          {.id = "2", .stream_seq = 2},
                          {.id = "4", .stream_seq = 4}}) == IngestCounts{1, 1, 0, 0, 2});
    auto recreated = test::message_of({.id = "10", .stream_seq = 1});
    recreated.message.position->created_ns = 8;
    CHECK(test::record(fixture.store, {recreated, recreated}) == IngestCounts{1, 1, 0, 0, 1});
    auto renamed = test::message_of({.id = "11", .stream_seq = 1});
    renamed.message.position->stream = "other";
    CHECK(test::record(fixture.store, {renamed}).accepted == 1);
    CHECK(fixture.append({{.id = "5", .stream_seq = 5}}).redelivered == 1);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM broker_epoch") == "4");
}

TEST_CASE("redeliveries are known after the store was opened again", "[store]") {
    Fixture fixture;
    fixture.append({{.id = "1", .stream_seq = 1}, {.id = "2", .stream_seq = 3}});
    auto database = Database::open_for_writing(fixture.url);
    IngestStore again(database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
    const std::vector batch{test::message_of({.id = "1", .stream_seq = 1}),
                            test::message_of({.id = "2", .stream_seq = 3}),
                            test::message_of({.id = "3", .stream_seq = 2})};
    CHECK(test::record(again, batch) == IngestCounts{1, 1, 0, 0, 2});
}

TEST_CASE("a replayed line is never a redelivery", "[store]") {
    Fixture fixture;
    auto line = test::message_of({.id = "1", .stream_seq = 1});
    line.message.position = dcm::BrokerPosition{"file", 0, 1, 1'777'629'600'000'000'000};
    CHECK(test::record(fixture.store, {line, line}) == IngestCounts{2, 1, 1, 0, 0});
}

TEST_CASE("fault 36: the stored head is the root of the leaves, tile bounds included", "[store]") {
    Fixture fixture;
    int size = 0;
    for (const int step : {1, 254, 1, 1, 255, 300}) {
        fixture.append(distinct_events(step, std::to_string(size) + "-"));
        size += step;
        require_consistent_tree(fixture.url);
    }
    CHECK(query_text(fixture.url, "SELECT count(*), max(length(hashes)) FROM audit_tile") ==
          std::to_string(size / 256) + "|8192");
}

TEST_CASE("a store opened again goes on where the tree stands", "[store]") {
    Fixture fixture;
    fixture.append(distinct_events(600, "a"));
    for (const char* prefix : {"b", "c"}) {
        auto database = Database::open_for_writing(fixture.url);
        IngestStore again(
            database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
        auto batch = test::drafts_of(distinct_events(200, prefix));
        CHECK(again.append(batch).accepted == 200);
        CHECK(again.append(batch).duplicate == 200);
    }
    // The first store finds that others have written.
    CHECK(fixture.append(distinct_events(200, "c")).duplicate == 200);
    CHECK(fixture.store.log_size() == 1'600);
    require_consistent_tree(fixture.url);
}

TEST_CASE("recorded_at never decreases when the clock does", "[store]") {
    Fixture fixture;
    fixture.clock.set(dcm::Instant{2'000'000});
    fixture.append({{.id = "1"}});
    fixture.clock.set(dcm::Instant{1'000'000});
    fixture.append({{.id = "2"}});
    fixture.clock.set(dcm::Instant{3'000'000});
    fixture.append({{.id = "3"}});
    CHECK(query_rows(fixture.url, "SELECT recorded_at FROM audit_log ORDER BY seq") ==
          std::vector<std::string>{"2000000", "2000000", "3000000"});
}

TEST_CASE("a message is stored whole, whatever its bytes", "[store]") {
    Fixture fixture;
    auto decided = test::rejected_message(Reason::not_utf8);
    decided.message.payload = std::string("\0\xFF'\"", 4) + std::string(2'000'000, 'x');
    decided.message.headers = {{"a", "b"}};
    test::record(fixture.store, {decided});
    auto empty = test::rejected_message(Reason::not_an_event);
    empty.message.payload.clear();
    test::record(fixture.store, {empty});
    auto database = Database::open_for_reading(fixture.url);
    const LogReader reader(database);
    std::vector<StoredPayload> beside;
    reader.each_record(0, 2, [&beside](const dcm::audit::Record& record, const auto& payload) {
        REQUIRE(payload.has_value());
        CHECK(record.payload_len == static_cast<std::int64_t>(payload->payload->size()));
        CHECK(record.payload_commit ==
              dcm::audit::to_hex(dcm::audit::sha256({*payload->salt, *payload->payload})));
        beside.push_back(*payload);
    });
    CHECK(beside[0].payload == decided.message.payload);
    CHECK(beside[0].headers == R"({"a":"b"})");
    CHECK(beside[0].salt->size() == 32);
    CHECK(beside[0].salt != beside[1].salt);
    CHECK(beside[1].payload == "");
    CHECK_FALSE(beside[1].headers.has_value());
    CHECK(query_text(fixture.url, "SELECT typeof(salt), typeof(payload) FROM v_audit_payload") ==
          "blob|blob");
}

TEST_CASE("a changed book is recorded once, the first one is not", "[store]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    {
        auto database = Database::open_for_writing(fixture.url);
        IngestStore other(database,
                          fixture.lifecycle,
                          fixture.key,
                          fixture.clock,
                          test::options_for("sha256:b2"));
        test::record(other, {test::message_of({.id = "2"})});
        test::record(other, {test::message_of({.id = "3"})});
    }
    CHECK(query_rows(fixture.url,
                     "SELECT seq, subject, actor, outcome FROM audit_log "
                     "WHERE kind = 'ruleset.changed'") ==
          std::vector<std::string>{"1|sha256:b2|svc:test/1|done"});
    CHECK(query_rows(fixture.url, "SELECT digest FROM book ORDER BY digest") ==
          std::vector<std::string>{"sha256:b1", "sha256:b2"});
    require_consistent_tree(fixture.url);
}

TEST_CASE("fault 42: a full database loses nothing and goes on when space returns", "[store]") {
    Fixture fixture;
    fixture.append({{.id = "1", .stream_seq = 1}});
    const auto pages = query_text(fixture.url, "PRAGMA page_count");
    soci::session& session = fixture.database.session();
    session << "PRAGMA max_page_count = " + pages;
    std::vector<EventSpec> specs = distinct_events(2'000, "n");
    try {
        fixture.append(specs);
        FAIL("expected a Failure");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == dcm::ErrorKind::environment);
        CHECK(std::string(failure.what()).find("full") != std::string::npos);
    }
    CHECK(fixture.store.log_size() == 1);
    session << "PRAGMA max_page_count = 1000000";
    CHECK(fixture.append(specs) == IngestCounts{2'000, 2'000, 0, 0, 0});
    CHECK(fixture.append(specs).duplicate == 2'000);
    require_consistent_tree(fixture.url);
}

TEST_CASE("fault 38: what fails halfway through a batch leaves nothing of it", "[store]") {
    Fixture fixture;
    fixture.append(distinct_events(10, "a"));
    // Fails at the row with this seq, after others of the batch were written.
    REQUIRE(test::run_sql(fixture.url,
                          "CREATE TRIGGER broken BEFORE INSERT ON audit_payload WHEN NEW.seq = 14 "
                          "BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END")
                .empty());
    const auto specs = distinct_events(10, "b");
    CHECK_THROWS_AS(fixture.append(specs), Failure);
    CHECK(fixture.store.log_size() == 10);
    REQUIRE(test::run_sql(fixture.url, "DROP TRIGGER broken").empty());
    CHECK(fixture.append(specs).accepted == 10);
    require_consistent_tree(fixture.url);
}

TEST_CASE("a log that does not fit its head is refused, not continued", "[store]") {
    Fixture fixture;
    fixture.append(distinct_events(300, "a"));
    const auto* const damage =
        GENERATE("UPDATE audit_head SET size = 299",
                 "DELETE FROM audit_tile",
                 "DROP TRIGGER audit_log_no_delete; DELETE FROM audit_log WHERE seq = 299",
                 "UPDATE audit_head SET frontier = X'00'");
    REQUIRE(test::run_sql(fixture.url, damage).empty());
    auto database = Database::open_for_writing(fixture.url);
    IngestStore store(database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
    INFO(damage);
    try {
        test::record(store, {test::message_of({.id = "new"})});
        FAIL("expected a Failure");
    } catch (const Failure& failure) {
        CHECK(failure.kind() == dcm::ErrorKind::malformed);
    }
}

TEST_CASE("a lifecycle whose words no record can carry is refused", "[store]") {
    Fixture fixture;
    fixture.lifecycle.services["vm"].aliases[std::string(1'025, 'A')] = "RUNNING";
    CHECK_THROWS_AS(
        IngestStore(fixture.database, fixture.lifecycle, fixture.key, fixture.clock, {}), Failure);
}

TEST_CASE("who only appends beside the ingesting process leaves its WAL alone", "[store]") {
    const bool writes_back = GENERATE(true, false);
    Fixture fixture;
    auto database = Database::open_for_writing(fixture.url);
    IngestOptions options = test::options_for();
    options.writes_back = writes_back;
    const IngestStore store(database, fixture.lifecycle, fixture.key, fixture.clock, options);
    int pages = -1;
    database.session() << "PRAGMA wal_autocheckpoint", soci::into(pages);
    CHECK((pages > 0) == writes_back);
}

TEST_CASE("an empty batch writes nothing", "[store]") {
    Fixture fixture;
    CHECK(fixture.store.append({}) == IngestCounts{});
    CHECK(query_text(fixture.url, "SELECT count(*) FROM book") == "0");
}

}  // namespace
}  // namespace dcm::store
