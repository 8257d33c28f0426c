#include "store/event_record.h"

#include "audit/hash.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using dcm::billing::Reason;
using dcm::billing::Rejection;
using dcm::billing::StatusEvent;
using dcm::billing::Verdict;

dcm::audit::Record record_of(const DecidedMessage& decided,
                             const RecordedVerdict& verdict,
                             std::optional<std::string> headers = std::nullopt) {
    const PayloadRow beside{std::string(kSaltBytes, 's'), "dcm.vm", std::move(headers)};
    dcm::audit::Record record;
    fill_event_record(decided, beside, record);
    set_verdict(verdict, record);
    return record;
}

constexpr RecordedVerdict kAccepted{Verdict::accepted, std::nullopt};

TEST_CASE("an event from the broker says nothing twice", "[record]") {
    const auto record = record_of(test::message_of({.stream_seq = 9}), kAccepted);
    CHECK(record.kind == "event.received");
    CHECK(record.subject == "vm/i-1");
    CHECK(record.ce_source == "dcm/providers/x");
    CHECK(record.ce_id == "1");
    CHECK(record.broker_pos == "dcm-status|7|9|1777629600000000000");
    CHECK(record.outcome == "accepted");
    CHECK_FALSE(record.reason.has_value());
    CHECK(record.body == R"({"event_time":"2026-05-01T10:00:00Z","word":"RUNNING"})");
    CHECK(record.payload_commit ==
          dcm::audit::to_hex(dcm::audit::sha256(std::string(kSaltBytes, 's') + "{}")));
    CHECK(record.payload_len == 2);
}

TEST_CASE("a body has its members in the order of their names", "[record]") {
    auto decided = test::message_of({});
    auto& event = std::get<StatusEvent>(decided.decision);
    event.time = Instant{1'777'629'600'250'000};
    event.time_source = dcm::billing::TimeSource::store;
    event.flags = {true, true, false};
    decided.message.stream_seq = 4;
    const std::string headers = R"({"a":"b"})";
    const auto record = record_of(decided, kAccepted, headers);
    CHECK_FALSE(record.broker_pos.has_value());
    CHECK(record.body ==
          R"({"event_time":"2026-05-01T10:00:00.25Z","flags":["source_not_uri","time_absent"],)"
          R"("headers_commit":")" +
              dcm::audit::to_hex(dcm::audit::sha256(std::string(kSaltBytes, 's') + headers)) +
              R"(","store_time":"2026-05-01T10:00:00Z","stream_seq":4,"time_source":"store",)"
              R"("word":"RUNNING"})");
}

TEST_CASE("of a rejected message the record tells what was understood", "[record]") {
    auto decided = test::message_of({.stream_seq = 3});
    Rejection rejection;
    rejection.reason = Reason::missing_status;
    SECTION("nothing at all") {
        decided.decision = rejection;
        const auto record = record_of(decided, {Verdict::rejected, Reason::missing_status});
        CHECK(record.subject == "message");
        CHECK_FALSE(record.ce_source.has_value());
        CHECK_FALSE(record.body.has_value());
        CHECK(record.reason == "missing_status");
    }
    SECTION("the service type") {
        rejection.service_type = "vm";
        decided.decision = rejection;
        CHECK(record_of(decided, {Verdict::rejected, Reason::missing_status}).subject == "vm/");
    }
    SECTION("a word with every kind of character, or one that is too long") {
        rejection.word = "A\"\\\n\x01\x7F\xC3\x89";
        decided.decision = rejection;
        CHECK(record_of(decided, {Verdict::rejected, Reason::unknown_status}).body ==
              "{\"word\":\"A\\\"\\\\\\u000a\\u0001\x7F\xC3\x89\"}");
        rejection.word = std::string(kWordBytesMax, 'A');
        decided.decision = rejection;
        CHECK(record_of(decided, {Verdict::rejected, Reason::unknown_status}).body.has_value());
        rejection.word = std::string(kWordBytesMax + 1, 'A');
        decided.decision = rejection;
        CHECK_FALSE(
            record_of(decided, {Verdict::rejected, Reason::unknown_status}).body.has_value());
    }
}

TEST_CASE("the longest attributes make a leaf within its limit", "[record]") {
    auto decided = test::message_of({.source = std::string(16'384, 's'),
                                     .id = std::string(16'384, 'i'),
                                     .service_type = std::string(63, 't'),
                                     .instance = std::string(253, 'n'),
                                     .stream_seq = INT64_MAX});
    decided.message.position->stream = std::string(255, '|');
    std::get<StatusEvent>(decided.decision).word = std::string(kWordBytesMax, '\x01');
    std::get<StatusEvent>(decided.decision).flags = {true, true, true};
    const auto record = record_of(decided, kAccepted, R"({"a":"b"})");
    CHECK(dcm::audit::encode_leaf(record).size() <= dcm::audit::kLeafBytesMax);
}

TEST_CASE("headers are an object, with a list for a repeated name", "[record]") {
    CHECK(text_of_headers({{"ce-id", "1"}}) == R"({"ce-id":"1"})");
    CHECK(text_of_headers({{"b", "1"}, {"a", "\"x\""}, {"b", "2"}, {"B", ""}}) ==
          R"({"b":["1","2"],"a":"\"x\"","B":""})");
    const std::string with_nul("a\0b", 3);
    CHECK(text_of_headers({{"a", with_nul}}) == R"({"a":"a\u0000b"})");
}

TEST_CASE("headers that are not UTF-8 become base64 pairs", "[record]") {
    CHECK(text_of_headers({{"a", "x"}, {"b", "\xFF"}}) == R"([["YQ==","eA=="],["Yg==","/w=="]])");
    CHECK(text_of_headers({{"\xC3", "x"}}) == R"([["ww==","eA=="]])");
}

TEST_CASE("a subject becomes text that can be turned back", "[record]") {
    CHECK(text_of_subject("dcm.vm") == "dcm.vm");
    CHECK(text_of_subject("dcm.\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") ==
          "dcm.\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK(text_of_subject("a\\b") == "a\\\\b");
    CHECK(text_of_subject("a\xFF\xC3") == "a\\xff\\xc3");
    CHECK(text_of_subject(std::string("a\0b", 3)) == "a\\x00b");
    CHECK(text_of_subject("").empty());
}

TEST_CASE("the sequence of a position is found whatever the stream is called", "[record]") {
    CHECK(sequence_of_position("dcm-status|7|42|99") == 42);
    CHECK(sequence_of_position("a|b|1|7|42|99") == 42);
    CHECK(sequence_of_position("file|0|9223372036854775807|-5") == INT64_MAX);
    CHECK(sequence_of_position("") == 0);
    CHECK(sequence_of_position("x|1") == 0);
}

TEST_CASE("a subject names an instance only when it has both parts", "[record]") {
    CHECK(key_of_subject("vm/i-1") == dcm::billing::InstanceKey{"vm", "i-1"});
    CHECK_FALSE(key_of_subject("vm/").has_value());
    CHECK_FALSE(key_of_subject("message").has_value());
}

}  // namespace
}  // namespace dcm::store
