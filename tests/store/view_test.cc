#include "audit/record.h"
#include "base/encoding.h"
#include "store/log_reader.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using test::Fixture;
using test::query_rows;
using test::query_text;

TEST_CASE("views have the contract's columns in the contract's order", "[views]") {
    const Fixture fixture;
    const auto [view, columns] = GENERATE(table<const char*, const char*>({
        {"v_audit_payload", "seq, salt, payload, subject, headers"},
        {"v_audit",
         "seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome, "
         "reason, body, payload_commit, payload_len"},
        {"audit_leaf", "seq, leaf_hex"},
        {"v_event",
         "seq, service_type, instance_id, provider, status, event_time, store_time, source, id, "
         "verdict, reason, flags"},
        {"v_instance", "service_type, instance_id, provider, status, since, last_seen, events"},
        {"v_usage_interval",
         "service_type, instance_id, provider, tenant, state, started_at, ended_at, opened_by_seq, "
         "closed_by_seq, flags"},
    }));
    CHECK(query_text(fixture.url,
                     std::string("SELECT group_concat(name, ', ') FROM pragma_table_info('") +
                         view + "')") == columns);
}

TEST_CASE("audit_leaf gives the leaf data of every record", "[views]") {
    Fixture fixture;
    fixture.append(
        {{.id = "\xC3\xA9\n3:abc", .stream_seq = 1}, {.source = "-", .id = "e\xCC\x81"}});
    test::record(fixture.store, {test::rejected_message(dcm::billing::Reason::bad_json)});
    REQUIRE(test::run_sql(fixture.url,
                          "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, tenant,"
                          " outcome, reason, payload_len) VALUES (3, -5, '', 'a', '', '', 'o', '',"
                          " -9223372036854775808)")
                .empty());
    auto database = Database::open_for_reading(fixture.url);
    const LogReader reader(database);
    std::vector<std::string> leaves;
    reader.each_leaf(0, 4, [&leaves](const dcm::audit::Record& record) {
        leaves.push_back(dcm::audit::encode_leaf(record));
    });
    REQUIRE(leaves.size() == 4);
    std::size_t seq = 0;
    for (const auto& leaf_hex :
         query_rows(fixture.url, "SELECT leaf_hex FROM audit_leaf ORDER BY seq")) {
        CHECK(dcm::hex_decode(leaf_hex) == leaves[seq]);
        ++seq;
    }
}

TEST_CASE("v_event tells every message with its verdict", "[views]") {
    Fixture fixture;
    fixture.lifecycle.provider_names["named"] = "book's name";
    IngestStore store(
        fixture.database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
    auto clamped = test::message_of({.source = "/dcm/providers/y", .id = "2", .word = "FAILED"});
    auto& event = std::get<dcm::billing::StatusEvent>(clamped.decision);
    event.flags = {true, false, true};
    event.time = dcm::Instant{1'777'629'600'500'000};
    clamped.message.position = dcm::BrokerPosition{"a|b", 7, 12, 1'777'629'600'120'000'999};
    const std::vector batch{test::message_of({.id = "1"}),
                            clamped,
                            test::message_of({.source = "dcm/providers/a/b", .id = "3"}),
                            test::message_of({.source = "named", .id = "4"}),
                            test::rejected_message(dcm::billing::Reason::bad_json),
                            test::message_of({.id = "1", .word = "PAUSED"})};
    test::record(store, batch);
    test::record(store, {test::message_of({.id = "1"})});
    // NOLINTBEGIN(bugprone-suspicious-missing-comma): long rows, each ended by its comma
    CHECK(query_rows(fixture.url, "SELECT * FROM v_event ORDER BY seq") ==
          std::vector<std::string>{
              "0|vm|i-1|x|RUNNING|2026-05-01T10:00:00Z|2026-05-01T10:00:00Z|dcm/providers/x|1|"
              "accepted|NULL|",
              "1|vm|i-1|y|ERROR|2026-05-01T10:00:00.5Z|2026-05-01T10:00:00.12Z|/dcm/providers/y|2|"
              "accepted|NULL|source_not_uri,time_clamped",
              "2|vm|i-1|dcm/providers/a/b|RUNNING|2026-05-01T10:00:00Z|2026-05-01T10:00:00Z|"
              "dcm/providers/a/b|3|accepted|NULL|",
              "3|vm|i-1|book's name|RUNNING|2026-05-01T10:00:00Z|2026-05-01T10:00:00Z|named|4|"
              "accepted|NULL|",
              "4|NULL|NULL|NULL|NULL|NULL|2026-05-01T10:00:00Z|NULL|NULL|rejected|bad_json|",
              "5|vm|i-1|x|PAUSED|2026-05-01T10:00:00Z|2026-05-01T10:00:00Z|dcm/providers/x|1|"
              "rejected|id_reused|",
              "6|vm|i-1|x|RUNNING|2026-05-01T10:00:00Z|2026-05-01T10:00:00Z|dcm/providers/x|1|"
              "duplicate|NULL|"});
    // NOLINTEND(bugprone-suspicious-missing-comma)
}

TEST_CASE("after_end is derived, by the order of events and not of arrival", "[views]") {
    Fixture fixture;
    const std::int64_t end = 1'777'629'600;
    auto just_after = test::message_of({.id = "4"});
    std::get<dcm::billing::StatusEvent>(just_after.decision).time =
        dcm::Instant{end * 1'000'000 + 1};
    fixture.append({{.id = "1", .word = "DELETED", .time_s = end, .stream_seq = 5},
                    {.id = "2", .time_s = end, .stream_seq = 6},
                    {.id = "3", .time_s = end, .stream_seq = 4}});
    test::record(fixture.store, {just_after});
    fixture.append(
        {{.id = "5", .time_s = end - 1}, {.id = "6", .instance = "i-2", .time_s = end + 9}});
    const std::string flags = "SELECT id, flags FROM v_event ORDER BY id";
    CHECK(query_rows(fixture.url, flags) ==
          std::vector<std::string>{"1|", "2|", "3|", "4|", "5|", "6|"});
    fixture.store.project(/*records_max=*/100);
    CHECK(query_rows(fixture.url, flags) ==
          std::vector<std::string>{"1|", "2|after_end", "3|", "4|after_end", "5|", "6|"});
    // An earlier end arrives.
    fixture.append({{.id = "7", .word = "DELETED", .time_s = end - 2}});
    fixture.store.project(/*records_max=*/100);
    CHECK(query_text(fixture.url, "SELECT flags FROM v_event WHERE id = '5'") == "after_end");
}

TEST_CASE("v_instance and v_usage_interval show the projection with RFC 3339 times", "[views]") {
    Fixture fixture;
    auto precise = test::message_of({.id = "2", .word = "UNKNOWN"});
    std::get<dcm::billing::StatusEvent>(precise.decision).time =
        dcm::Instant{1'777'629'600'010'000};
    fixture.append({{.id = "1"},
                    {.id = "3", .word = "ERROR", .time_s = 1'777'629'700},
                    {.id = "4", .time_s = -1'000},
                    {.id = "5", .word = "STOPPED", .time_s = 1'777'629'800}});
    test::record(fixture.store, {precise});
    fixture.store.project(/*records_max=*/100);
    CHECK(query_rows(fixture.url, "SELECT * FROM v_usage_interval ORDER BY started_at") ==
          std::vector<std::string>{
              "vm|i-1|x|unassigned|RUNNING|1969-12-31T23:43:20Z|2026-05-01T10:01:40Z|2|1|doubtful",
              "vm|i-1|x|unassigned|STOPPED|2026-05-01T10:03:20Z|NULL|3|NULL|"});
    CHECK(query_rows(fixture.url, "SELECT * FROM v_instance") ==
          std::vector<std::string>{"vm|i-1|x|STOPPED|2026-05-01T10:03:20Z|2026-05-01T10:03:20Z|5"});
}

}  // namespace
}  // namespace dcm::store
