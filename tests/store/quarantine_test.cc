// Rejected messages are kept as they came, and a later verdict takes the place of the first one.
#include "store/quarantine.h"

#include "store/rebuild.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <array>

namespace dcm::store {
namespace {

using billing::Reason;
using billing::Verdict;
using test::Fixture;
using test::kNoProgress;
using test::query_rows;
using test::query_text;

// The event as it would be with a word that is known, and rejected because it is not.
DecidedMessage unknown_status(const test::EventSpec& spec) {
    DecidedMessage decided = test::message_of(spec);
    billing::Rejection rejection;
    rejection.reason = Reason::unknown_status;
    rejection.source = spec.source;
    rejection.id = spec.id;
    rejection.service_type = spec.service_type;
    rejection.instance = spec.instance;
    decided.decision = rejection;
    return decided;
}

RetriedMessage understood(std::int64_t seq, const test::EventSpec& spec) {
    return {seq, test::message_of(spec)};
}

std::vector<std::string> log_of(const Fixture& fixture) {
    return query_rows(fixture.url,
                      "SELECT seq, kind, subject, outcome, reason FROM v_audit ORDER BY seq");
}

TEST_CASE("what lies beside a record is read back as it came", "[quarantine]") {
    const std::string odd_subject("dcm.\\x\xff\0é", 10);
    for (const std::string& subject : {std::string("dcm.vm"), std::string(), odd_subject}) {
        CHECK(subject_of_text(text_of_subject(subject)) == subject);
    }
    for (const char* const bad : {"\\", "\\x", "\\x0", "\\xzz", "\\n"}) {
        CHECK_FALSE(subject_of_text(bad).has_value());
    }
    const std::vector<std::vector<Header>> blocks{{{"ce-id", "1"}, {"Z", ""}, {"a", "\"\\\n"}},
                                                  {{"ce-id", "1"}, {"ce-id", "2"}},
                                                  {{"ce-id", "\xff"}, {"b", "c"}}};
    for (const std::vector<Header>& headers : blocks) {
        CHECK(headers_of_text(text_of_headers(headers)) == headers);
    }
    for (const char* const bad : {"", "1", "{\"a\":1}", "{\"a\":[1]}", "[[\"YQ==\"]]", "[\"a\"]"}) {
        CHECK_FALSE(headers_of_text(bad).has_value());
    }
    const BrokerPosition position{"a|b", 7, 8, 9};
    CHECK(parse_position(format_position(position)) == position);
    CHECK_FALSE(parse_position("1|2|3").has_value());
    CHECK_FALSE(parse_position("s|1|2|x").has_value());
}

TEST_CASE("a rejected message is listed and read back whole", "[quarantine]") {
    Fixture fixture;
    auto first = unknown_status({.id = "1", .stream_seq = 4, .payload = std::string("\0\xff", 2)});
    first.message.headers = {{"ce-id", "1"}};
    test::record(fixture.store,
                 {first, test::message_of({.id = "2"}), unknown_status({.id = "3"})});
    Quarantine quarantine(fixture.database);
    std::vector<std::int64_t> seqs;
    quarantine.each([&seqs](const RecordedMessage& message) { seqs.push_back(message.seq); });
    CHECK(seqs == std::vector<std::int64_t>{0, 2});
    const auto recorded = quarantine.find(0);
    REQUIRE(recorded.has_value());
    CHECK(recorded->subject == "vm/i-1");
    CHECK(recorded->reason == "unknown_status");
    const auto message = quarantine.message(*recorded);
    REQUIRE(message.has_value());
    CHECK(message->subject == first.message.subject);
    CHECK(message->headers == first.message.headers);
    CHECK(message->payload == first.message.payload);
    CHECK(message->store_time == first.message.store_time);
    CHECK(message->stream_seq == 4);
    CHECK(message->position == first.message.position);
    CHECK_FALSE(quarantine.find(3).has_value());
    REQUIRE(test::run_sql(fixture.url, "DELETE FROM audit_payload WHERE seq = 0").empty());
    CHECK_FALSE(quarantine.message(*recorded).has_value());
}

TEST_CASE("a retried verdict is recorded when it is another one", "[quarantine]") {
    Fixture fixture;
    test::record(fixture.store,
                 {unknown_status({.id = "1", .word = "NEW"}),
                  unknown_status({.id = "1", .word = "NEW"}),
                  unknown_status({.id = "1", .instance = "i-2", .word = "NEW"}),
                  unknown_status({.id = "4", .word = "STRANGE"})});
    std::vector<RetriedMessage> batch{understood(0, {.id = "1", .word = "RUNNING"}),
                                      understood(1, {.id = "1", .word = "RUNNING"}),
                                      understood(2, {.id = "1", .instance = "i-2"}),
                                      {3, unknown_status({.id = "4", .word = "STRANGE"})}};
    const auto outcomes = fixture.store.retry(batch);
    REQUIRE(outcomes.size() == 4);
    CHECK(outcomes[0].verdict->verdict == Verdict::accepted);
    CHECK(outcomes[1].verdict->verdict == Verdict::duplicate);
    CHECK(outcomes[2].verdict->reason == Reason::id_reused);
    CHECK(outcomes[2].recorded_at_seq == 6);
    CHECK_FALSE(outcomes[3].recorded_at_seq.has_value());
    const std::vector<std::string> log = log_of(fixture);
    REQUIRE(log.size() == 7);
    CHECK(log[4] == "4|quarantine.retried|seq/0|accepted|NULL");
    CHECK(log[5] == "5|quarantine.retried|seq/1|duplicate|NULL");
    CHECK(log[6] == "6|quarantine.retried|seq/2|rejected|id_reused");

    SECTION("once more says nothing new") {
        for (const RetryOutcome& outcome : fixture.store.retry(batch)) {
            CHECK_FALSE(outcome.recorded_at_seq.has_value());
        }
        CHECK(log_of(fixture) == log);
    }
    SECTION("the identity is held for ever, and by another process too") {
        IngestStore other(
            fixture.database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
        auto again = test::drafts_of({{.id = "1", .word = "RUNNING"}});
        CHECK(other.append(again).duplicate == 1);
        CHECK(fixture.append({{.id = "1", .word = "STOPPED"}}).rejected == 1);
    }
    SECTION("derived tables follow, however they were brought up to date") {
        CHECK(query_text(fixture.url, "SELECT verdict, status FROM v_event WHERE seq = 0") ==
              "accepted|RUNNING");
        fixture.store.project(/*records_max=*/1'000);
        CHECK(query_text(fixture.url, "SELECT opened_by_seq FROM v_usage_interval") == "0");
        CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    }
}

TEST_CASE("a retry beside a process that ingests is noticed by it", "[quarantine]") {
    Fixture fixture;
    test::record(fixture.store, {unknown_status({.id = "1"}), test::message_of({.id = "2"})});
    Database other_database = Database::open_for_writing(fixture.url);
    IngestStore other(
        other_database, fixture.lifecycle, fixture.key, fixture.clock, test::options_for());
    std::vector<RetriedMessage> batch{understood(0, {.id = "1", .time_s = 1'777'629'000})};
    REQUIRE(other.retry(batch)[0].recorded_at_seq == 2);
    CHECK(fixture.append({{.id = "1"}, {.id = "3", .word = "STOPPED", .time_s = 1'777'629'700}})
              .duplicate == 1);
    fixture.store.project(/*records_max=*/1'000);
    CHECK(query_text(fixture.url, "SELECT started_at, opened_by_seq FROM v_usage_interval") ==
          "2026-05-01T09:50:00Z|0");
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
}

TEST_CASE("a retried message may be about more than its own record says", "[quarantine]") {
    Fixture fixture;
    DecidedMessage large = test::message_of({.id = "1", .stream_seq = 3});
    billing::Rejection rejection;
    rejection.reason = Reason::payload_too_large;
    large.decision = rejection;
    test::record(fixture.store, {large, test::message_of({.id = "2", .instance = "i-2"})});
    REQUIRE(query_text(fixture.url, "SELECT subject FROM v_audit WHERE seq = 0") == "message");
    std::vector<RetriedMessage> batch{understood(0, {.id = "1", .stream_seq = 3})};
    REQUIRE(fixture.store.retry(batch)[0].recorded_at_seq == 2);
    CHECK(query_text(fixture.url, "SELECT body FROM v_audit WHERE seq = 2") ==
          R"({"event_time":"2026-05-01T10:00:00Z","subject":"vm/i-1","word":"RUNNING"})");
    CHECK(query_text(fixture.url,
                     "SELECT service_type, instance_id, verdict FROM v_event WHERE seq = 0") ==
          "vm|i-1|accepted");
    CHECK(Quarantine(fixture.database).find(0)->subject == "vm/i-1");
    fixture.store.project(/*records_max=*/1'000);
    CHECK(query_text(fixture.url,
                     "SELECT instance_id, started_at FROM v_usage_interval "
                     "WHERE instance_id = 'i-1'") == "i-1|2026-05-01T10:00:00Z");
    CHECK(rebuild(fixture.url, fixture.lifecycle, kNoProgress).difference.empty());
    CHECK(fixture.append({{.id = "1", .stream_seq = 9}}).duplicate == 1);
    CHECK(fixture.append({{.id = "1", .instance = "i-9", .stream_seq = 10}}).rejected == 1);
}

}  // namespace
}  // namespace dcm::store
