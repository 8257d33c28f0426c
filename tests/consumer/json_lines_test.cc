#include "consumer/json_lines.h"

#include "base/message.h"
#include "billing/event.h"
#include "consumer/decode.h"
#include "rules/lifecycle.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using dcm::BrokerPosition;
using dcm::Header;
using dcm::Instant;
using dcm::Message;
using dcm::consumer::line_from_message;
using dcm::consumer::message_from_line;

constexpr Instant kReadAt{1'788'264'000'000'000};

Message read(std::string_view line) {
    return message_from_line(line, kReadAt);
}

std::string verdict_of(const Message& message) {
    const auto decision = dcm::consumer::decode(
        message, dcm::rules::standard_lifecycle(), dcm::consumer::DecodeLimits{});
    if (std::holds_alternative<dcm::billing::StatusEvent>(decision)) return "accepted";
    return std::string(
        dcm::billing::reason_name(std::get<dcm::billing::Rejection>(decision).reason));
}

std::string bare(std::string_view type) {
    return R"({"specversion":"1.0","id":"a","source":"s","type":")" + std::string(type) +
           R"(","data":{"id":"vm-1","status":"RUNNING"}})";
}

}  // namespace

TEST_CASE("an envelope gives every part of the message", "[json_lines]") {
    const Message message = read(
        R"({"name":"ignored","subject":"dcm.vm","headers":{"ce-id":"a","X":["1","2"],"n":null,)"
        R"("e":[],"i":5},"payload":"{\"a\":1}","stream_seq":7,)"
        R"("store_time":"2026-05-01T10:00:01.123456789Z"})");
    CHECK(message.subject == "dcm.vm");
    CHECK(message.headers ==
          std::vector<Header>{{"ce-id", "a"}, {"X", "1"}, {"X", "2"}, {"i", "5"}});
    CHECK(message.payload == R"({"a":1})");
    CHECK(message.stream_seq == 7);
    CHECK(message.store_time == Instant{1'777'629'601'123'456});
    CHECK(message.position == BrokerPosition{"file", 0, 7, 1'777'629'601'123'456'789});
    CHECK(message.ack_subject.empty());
}

TEST_CASE("a position needs both the sequence and the store time", "[json_lines]") {
    const Message timed = read(R"({"payload":"","store_time":"2026-05-01T10:00:01Z"})");
    CHECK(!timed.position);
    CHECK(timed.store_time == Instant{1'777'629'601'000'000});
    const Message sequenced = read(R"({"payload":"","stream_seq":7})");
    CHECK(!sequenced.position);
    CHECK(sequenced.stream_seq == 7);
    CHECK(sequenced.store_time == kReadAt);
    for (const std::string_view faulty :
         {R"({"payload":"","stream_seq":"7","store_time":"2026-05-01T10:00:01Z"})",
          R"({"payload":"","stream_seq":7.0,"store_time":"2026-05-01T10:00:01Z"})",
          R"({"payload":"","stream_seq":-7,"store_time":"2026-05-01T10:00:01Z"})",
          R"({"payload":"","stream_seq":9223372036854775808,"store_time":"2026-05-01T10:00:01Z"})",
          R"({"payload":"","stream_seq":7,"store_time":"yesterday"})",
          R"({"payload":"","stream_seq":7,"store_time":1777629601})",
          R"({"payload":"","stream_seq":7,"store_time":"9999-01-01T00:00:00Z"})"}) {
        INFO(faulty);
        CHECK(!read(faulty).position);
    }
}

TEST_CASE("payload_b64 wins; where it cannot be decoded the line is the payload", "[json_lines]") {
    CHECK(read(R"({"payload":"x","payload_b64":"AP8="})").payload == std::string("\0\xFF", 2));
    CHECK(read(R"({"payload":"x","payload_b64":null})").payload == "x");
    CHECK(read(R"({"payload_b64":""})").payload.empty());
    const std::string faulty = R"({"subject":"dcm.vm","payload":"x","payload_b64":"AP8"})";
    CHECK(read(faulty).payload == faulty);
    CHECK(verdict_of(read(faulty)) == "missing_attribute");
    const std::string number = R"({"payload_b64":7})";
    CHECK(read(number).payload == number);
}

TEST_CASE("a bare event has the subject its type asks for", "[json_lines]") {
    const Message message = read(bare("dcm.status.vm"));
    CHECK(message.subject == "dcm.vm");
    CHECK(message.payload == bare("dcm.status.vm"));
    CHECK(message.store_time == kReadAt);
    CHECK(!message.position);
    CHECK(verdict_of(message) == "accepted");
    for (const std::string_view foreign :
         {"com.example.created", "dcm.status.", "dcm.status.VM", "dcm.status.vm.x", "dcm.vm"}) {
        INFO(foreign);
        CHECK(verdict_of(read(bare(foreign))) == "bad_type");
    }
    // With `specversion` an object is an event, whatever else it holds.
    const std::string both = R"({"specversion":"1.0","payload":"x"})";
    CHECK(read(both).payload == both);
}

TEST_CASE("an envelope without subject has the subject its type asks for", "[json_lines]") {
    const auto structured = [](std::string_view members) {
        return R"({"payload":"{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"s\",\"type\":)"
               R"(\"dcm.status.vm\",\"data\":{\"id\":\"x\",\"status\":\"RUNNING\"}}")" +
               std::string(members) + "}";
    };
    CHECK(read(structured("")).subject == "dcm.vm");
    CHECK(read(structured(R"(,"subject":null)")).subject == "dcm.vm");
    CHECK(verdict_of(read(structured(""))) == "accepted");
    CHECK(verdict_of(read(structured(R"(,"subject":"")"))) == "bad_subject");
    CHECK(verdict_of(read(structured(R"(,"subject":5)"))) == "bad_subject");
    const Message binary =
        read(R"({"headers":{"ce-specversion":"1.0","ce-id":"a","ce-source":"s","CE-Type":)"
             R"("dcm.status.cl%75ster"},"payload":"{\"id\":\"x\",\"status\":\"ACTIVE\"}"})");
    CHECK(binary.subject == "dcm.cluster");
    CHECK(verdict_of(binary) == "accepted");
}

TEST_CASE("a line that is neither is a message with that line as payload", "[json_lines]") {
    struct LineCase {
        std::string line;
        std::string verdict;
    };
    const std::vector<LineCase> cases{
        {"17", "not_an_event"},
        {"hello", "bad_json"},
        {"[{}]", "not_an_event"},
        {"{}", "missing_attribute"},
        {R"({"subject":"dcm.vm"})", "missing_attribute"},
        {R"({"subject":"dcm.vm","payload":{"a":1}})", "missing_attribute"},
        {R"({"payload":null})", "missing_attribute"},
        {R"({"payload":"a","payload":"b"})", "duplicate_key"},
        {R"({"payload":"a")", "bad_json"},
        {R"({"headers":{"a":"1","a":"2"},"payload":"x"})", "duplicate_key"},
        {"{\"payload\":\"\xFF\"}", "not_utf8"},
        {std::string("\0", 1), "bad_json"},
        {"\xEF\xBB\xBF{}", "not_utf8"},
        {R"({"headers":{"a":[)", "bad_json"},
        {"{\"headers\":" + std::string(1'000, '['), "too_deep"},
    };
    for (const LineCase& expected : cases) {
        INFO(expected.line.substr(0, 100));
        const Message message = read(expected.line);
        CHECK(message.payload == expected.line);
        CHECK(message.store_time == kReadAt);
        CHECK(verdict_of(message) == expected.verdict);
    }
}

TEST_CASE("headers that are no object are no headers", "[json_lines]") {
    const Message message = read(R"({"subject":"dcm.vm","headers":["a",{"b":1}],"payload":"x"})");
    CHECK(message.headers.empty());
    CHECK(message.payload == "x");
}

TEST_CASE("a message written as a line is read back", "[json_lines]") {
    Message text;
    text.subject = "dcm.vm";
    text.headers = {{"ce-id", "a\"\n"}, {"X", "1"}, {"y", ""}, {"X", "2"}};
    text.payload = "{\"a\":\"é\\u0000\"}\n" + std::string(1, '\0');
    text.store_time = Instant{1'777'629'601'500'000};
    text.stream_seq = 12;
    Message bytes = text;
    bytes.payload = "\xFF" + std::string(1, '\0') + "x";
    bytes.subject = "";
    bytes.headers.clear();
    for (const Message& message : {text, bytes}) {
        const std::string line = line_from_message(message);
        INFO(line);
        CHECK(line.find('\n') == std::string::npos);
        const Message again = read(line);
        CHECK(again.subject == message.subject);
        CHECK(again.payload == message.payload);
        CHECK(again.store_time == message.store_time);
        CHECK(again.stream_seq == message.stream_seq);
        CHECK(again.headers.size() == message.headers.size());
        CHECK(line_from_message(again) == line);
    }
    CHECK(read(line_from_message(text)).headers ==
          std::vector<Header>{{"ce-id", "a\"\n"}, {"X", "1"}, {"X", "2"}, {"y", ""}});
}

TEST_CASE("a subject or header that is no UTF-8 keeps its verdict as a line", "[json_lines]") {
    Message message = read(bare("dcm.status.vm"));
    message.subject = "dcm.v\xFFm";
    CHECK(verdict_of(read(line_from_message(message))) == "bad_subject");
    message.subject = "dcm.vm";
    message.headers = {{"ce-specversion", "1.0"}, {"ce-id", "é\xFF€"}};
    CHECK(verdict_of(message) == "not_utf8");
    CHECK(verdict_of(read(line_from_message(message))) == "not_utf8");
}
