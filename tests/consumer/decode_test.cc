#include "consumer/decode.h"

#include "base/encoding.h"
#include "base/message.h"
#include "billing/event.h"
#include "consumer/check_line.h"
#include "consumer/json_lines.h"
#include "rules/lifecycle.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace {

using dcm::Duration;
using dcm::Header;
using dcm::Instant;
using dcm::Message;
using dcm::billing::Rejection;
using dcm::billing::StatusEvent;
using dcm::consumer::DecodeLimits;

constexpr Instant kStored{1'788'264'000LL * dcm::kMicrosPerSecond};  // 2026-09-01T12:00:00Z

constexpr std::string_view kAttributes =
    R"("specversion":"1.0","id":"a","source":"s","type":"dcm.status.vm")";
constexpr std::string_view kData = R"("data":{"id":"vm-1","status":"RUNNING"})";

const dcm::rules::Lifecycle& lifecycle() {
    static const dcm::rules::Lifecycle standard = dcm::rules::standard_lifecycle();
    return standard;
}

// `accepted`, or the reason code.
std::string verdict_of(const Message& message, const DecodeLimits& limits = {}) {
    const auto decision = dcm::consumer::decode(message, lifecycle(), limits);
    if (std::holds_alternative<StatusEvent>(decision)) return "accepted";
    return std::string(dcm::billing::reason_name(std::get<Rejection>(decision).reason));
}

Message structured(std::string payload) {
    Message message;
    message.subject = "dcm.vm";
    message.payload = std::move(payload);
    message.store_time = kStored;
    return message;
}

// A sound event with more members behind its data.
std::string event_with(std::string_view members) {
    std::string payload = "{";
    payload.append(kAttributes).append(",").append(kData);
    if (!members.empty()) payload.append(",").append(members);
    return payload.append("}");
}

std::string event_with_data(std::string_view data) {
    return "{" + std::string(kAttributes) + ",\"data\":" + std::string(data) + "}";
}

Message binary(std::vector<Header> more,
               std::string payload = R"({"id":"vm-1","status":"RUNNING"})") {
    Message message = structured(std::move(payload));
    message.headers = {{"ce-specversion", "1.0"},
                       {"ce-id", "a"},
                       {"ce-source", "s"},
                       {"ce-type", "dcm.status.vm"}};
    message.headers.insert(message.headers.end(), more.begin(), more.end());
    return message;
}

Rejection rejection_of(const Message& message) {
    auto decision = dcm::consumer::decode(message, lifecycle(), DecodeLimits{});
    REQUIRE(std::holds_alternative<Rejection>(decision));
    return std::get<Rejection>(decision);
}

StatusEvent event_of(const Message& message) {
    auto decision = dcm::consumer::decode(message, lifecycle(), DecodeLimits{});
    REQUIRE(std::holds_alternative<StatusEvent>(decision));
    return std::get<StatusEvent>(decision);
}

struct Case {
    std::string payload;
    std::string verdict;
};

void check_payloads(const std::vector<Case>& cases) {
    for (const Case& expected : cases) {
        INFO(expected.payload.substr(0, 200));
        CHECK(verdict_of(structured(expected.payload)) == expected.verdict);
    }
}

}  // namespace

// Every published case: what `events check` prints holds every member of `expect`.
TEST_CASE("every published message gets the expected verdict", "[decode][cases]") {
    std::ifstream file(std::string(DCM_CASES_DIR) + "/messages.jsonl");
    INFO(DCM_CASES_DIR "/messages.jsonl");
    REQUIRE(file.is_open());
    std::size_t count = 0;
    for (std::string line; std::getline(file, line);) {
        const auto published = nlohmann::json::parse(line);
        const auto decision = dcm::consumer::decode(
            dcm::consumer::message_from_line(line, kStored), lifecycle(), DecodeLimits{});
        const auto printed = nlohmann::json::parse(dcm::consumer::check_line(1, decision));
        INFO(published.at("name").get<std::string>() << " " << printed.dump());
        for (const auto& [name, value] : published.at("expect").items()) {
            CHECK(printed.value(name, nlohmann::json{}) == value);
        }
        ++count;
    }
    CHECK(count == 432);
}

TEST_CASE("a payload is as large as the limit and no larger", "[decode]") {
    const std::string payload = event_with("");
    DecodeLimits limits;
    limits.payload_bytes_max = payload.size();
    CHECK(verdict_of(structured(payload), limits) == "accepted");
    CHECK(verdict_of(structured(payload + " "), limits) == "payload_too_large");
    CHECK(verdict_of(structured("\xFF" + payload), limits) == "payload_too_large");
}

TEST_CASE("the content type decides the mode before the headers do", "[decode]") {
    struct ModeCase {
        std::string content_type;
        std::string verdict;
    };
    const std::vector<ModeCase> cases{
        {"application/cloudevents", "accepted"},
        {"application/cloudevents+json;charset=utf-8", "accepted"},
        {"application/CLOUDEVENTS+Json ; charset=utf-8", "accepted"},
        {"application/cloudevents+", "unsupported_content_type"},
        {"application/cloudevents+jsonx", "unsupported_content_type"},
        {"application/cloudevents-batch", "batch_unsupported"},
        {"application/cloudevents-batch+xml", "batch_unsupported"},
        {"application/cloudevent", "accepted"},
        {"application/cloudeventsx", "accepted"},
    };
    for (const ModeCase& expected : cases) {
        INFO(expected.content_type);
        Message message = structured(event_with(""));
        message.headers = {{"cOnTeNt-TyPe", expected.content_type}};
        CHECK(verdict_of(message) == expected.verdict);
    }
    Message both = binary({{"Content-Type", "application/cloudevents+json"}}, event_with(""));
    CHECK(event_of(both).instance == "vm-1");
}

TEST_CASE("the first fault in reading order gives the reason", "[decode]") {
    check_payloads({
        {R"({"a":1,"a":2,)", "duplicate_key"},
        {R"({"a":tru,"a":2})", "bad_json"},
        {R"({"a":1,"a" 2})", "duplicate_key"},
        {R"({"a":{"b":[{"c":1,"\u0063":2}]}})", "duplicate_key"},
        {R"({"a":1,"a)", "bad_json"},
        {"[1,", "not_an_event"},
        {"[[[[", "not_an_event"},
        {" \"text\" x", "not_an_event"},
        {"nonsense", "bad_json"},
        {"   ", "bad_json"},
        {"", "not_an_event"},
        {"\xEF\xBB\xBF", "not_utf8"},
        {"{\xEF\xBB\xBF}", "bad_json"},
        {"{} \xFF", "not_utf8"},
        {"{} x", "bad_json"},
        {std::string("{}\0", 3), "bad_json"},
        {"{}", "missing_attribute"},
        {"\t\r\n {} ", "missing_attribute"},
        {"\f{}", "bad_json"},
    });
}

TEST_CASE("nesting is 128 levels deep and no deeper", "[decode]") {
    const auto nested = [](std::size_t levels) {
        // The envelope and data are two of them.
        return event_with_data(R"({"id":"a","status":"RUNNING","x":)" +
                               std::string(levels - 2, '[') + std::string(levels - 2, ']') + "}");
    };
    CHECK(verdict_of(structured(nested(128))) == "accepted");
    CHECK(verdict_of(structured(nested(129))) == "too_deep");
    CHECK(verdict_of(structured("{\"a\":" + std::string(500'000, '['))) == "too_deep");
}

TEST_CASE("an envelope has 256 members and no more", "[decode]") {
    const auto members = [](int count) {
        std::string more;
        for (int i = 5; i < count; ++i) {
            more.append(more.empty() ? "" : ",").append("\"e" + std::to_string(i) + "\":null");
        }
        return more;
    };
    CHECK(verdict_of(structured(event_with(members(256)))) == "accepted");
    CHECK(verdict_of(structured(event_with(members(257)))) == "too_many_attributes");
    // The one too many comes before the text breaks off.
    CHECK(verdict_of(structured(event_with(members(257)) + "x")) == "too_many_attributes");
    CHECK(verdict_of(structured(event_with(members(256)) + "x")) == "bad_json");
}

TEST_CASE("a large object's repeated name is found", "[decode]") {
    std::string data = R"({"id":"a","status":"RUNNING")";
    for (int i = 0; i < 5'000; ++i) {
        data.append(",\"n" + std::to_string(i) + R"(":{"x":1})");
    }
    CHECK(verdict_of(structured(event_with_data(data + "}"))) == "accepted");
    CHECK(verdict_of(structured(event_with_data(data + ",\"n7\":1}"))) == "duplicate_key");
    CHECK(verdict_of(structured(event_with_data(data + ",\"N4999\":1}"))) == "duplicate_key");
}

TEST_CASE("required attributes are judged in their order", "[decode]") {
    check_payloads({
        {R"({"id":1})", "missing_attribute"},
        {R"({"specversion":"2.0"})", "missing_attribute"},
        {R"({"specversion":"2.0","id":"a","source":"s","type":""})", "bad_attribute"},
        {R"({"specversion":"2.0","id":"a","source":"s","type":"t","BAD":1})",
         "unsupported_specversion"},
        {R"({"specversion":"1.0\u0000","id":"a","source":"s","type":"t"})",
         "unsupported_specversion"},
        {event_with(R"("time":"x","BAD":1)"), "bad_attribute"},
        {event_with(R"("time":"x","BAD":null)"), "bad_time"},
        {event_with(R"("time":"2026\u0000")"), "bad_attribute"},
        {event_with(R"("time":null)"), "accepted"},
        {event_with(R"("subject":null,"dataschema":null)"), "accepted"},
        {event_with(R"("dataschema":7)"), "bad_attribute"},
        {event_with(R"("dataschema":"https://x/y#z")"), "accepted"},
        {event_with(R"("datacontenttype":"json")"), "bad_attribute"},
        {event_with(R"("datacontenttype":"")"), "bad_attribute"},
        {event_with(R"("subject":["x"])"), "bad_attribute"},
    });
}

TEST_CASE("an extension is a string, a boolean or an integer of 32 bits", "[decode]") {
    const std::vector<Case> cases{{"-2147483648", "accepted"},
                                  {"-2147483649", "bad_attribute"},
                                  {"2147483647", "accepted"},
                                  {"2147483648", "bad_attribute"},
                                  {"99999999999999999999999", "bad_attribute"},
                                  {"-0", "accepted"},
                                  {"0.0", "bad_attribute"},
                                  {"1E2", "bad_attribute"},
                                  {"false", "accepted"},
                                  {"{}", "bad_attribute"},
                                  {"[]", "bad_attribute"},
                                  {"\"\"", "accepted"},
                                  {R"("\ud800\udc00")", "accepted"},
                                  {R"("\udbff\udfff")", "bad_attribute"}};
    for (const Case& expected : cases) {
        INFO(expected.payload);
        const Message message = structured(event_with("\"ext\":" + expected.payload));
        CHECK(verdict_of(message) == expected.verdict);
    }
}

TEST_CASE("an attribute has 16 KiB of text and no more, data_base64 as much as it likes",
          "[decode]") {
    const auto ext = [](std::size_t size) {
        return structured(event_with(R"("ext":")" + std::string(size, 'x') + "\""));
    };
    CHECK(verdict_of(ext(16'384)) == "accepted");
    CHECK(verdict_of(ext(16'385)) == "bad_attribute");
    const std::string data =
        R"({"id":"a","status":"RUNNING","m":")" + std::string(20'000, 'x') + "\"}";
    const std::string payload = "{" + std::string(kAttributes) + R"(,"data_base64":")" +
                                dcm::base64_encode(dcm::as_bytes(data)) + "\"}";
    CHECK(verdict_of(structured(payload)) == "accepted");
}

TEST_CASE("data comes as an object or as base64 of one", "[decode]") {
    const auto encoded = [](std::string_view data) {
        return "{" + std::string(kAttributes) + R"(,"data_base64":")" +
               dcm::base64_encode(dcm::as_bytes(data)) + "\"}";
    };
    check_payloads({
        {encoded(R"({"id":"a","status":"RUNNING"})"), "accepted"},
        {encoded(R"({"id":"a","id":"b","status":"RUNNING"})"), "bad_data"},
        {encoded(R"({"id":"a","status":"RUNNING"}x)"), "bad_data"},
        {encoded("\xFF"), "bad_data"},
        {encoded("[]"), "bad_data"},
        {encoded(""), "bad_data"},
        {encoded("{\"x\":" + std::string(128, '[') + std::string(128, ']') + "}"), "bad_data"},
        {encoded(R"({"status":"RUNNING"})"), "missing_instance_id"},
        {encoded(R"({"id":"a","ID":"b","status":"RUNNING"})"), "duplicate_key"},
        {event_with(R"("data_base64":null)"), "accepted"},
        {event_with(R"("data_base64":"e30=")"), "bad_data"},
        {event_with(R"("data_base64":7)"), "bad_data"},
        {"{" + std::string(kAttributes) + R"(,"data":null,"data_base64":7})", "bad_data"},
        {"{" + std::string(kAttributes) + "}", "bad_data"},
        {event_with_data("[{}]"), "bad_data"},
        {event_with(R"("datacontenttype":"application/x+json;v=1")"), "accepted"},
        {event_with(R"("datacontenttype":"application/jsonx")"), "bad_data"},
    });
}

TEST_CASE("names directly in data compare without case, after rule 5", "[decode]") {
    CHECK(event_of(structured(event_with_data(R"({"ID":"a","StaTus":"running"})"))).instance ==
          "a");
    Message message = structured(event_with_data(R"({"id":"a","Id":"b","status":"RUNNING"})"));
    CHECK(verdict_of(message) == "duplicate_key");
    message.subject = "dcm.container";
    CHECK(verdict_of(message) == "subject_mismatch");
    // Kelvin sign and k are different letters outside ASCII.
    check_payloads(
        {{event_with_data(R"({"id":"a","status":"RUNNING","k":1,"\u212a":2})"), "accepted"}});
}

TEST_CASE("an instance id has 253 characters and no more", "[decode]") {
    const auto with_id = [](std::size_t size) {
        return event_with_data(R"({"id":")" + std::string(size, 'x') + R"(","status":"RUNNING"})");
    };
    const auto from_subject = [](std::string_view subject) {
        return "{" + std::string(kAttributes) + R"(,"subject":")" + std::string(subject) +
               R"(","data":{"id":null,"status":"RUNNING"}})";
    };
    check_payloads({
        {with_id(253), "accepted"},
        {with_id(254), "bad_instance_id"},
        {with_id(0), "bad_instance_id"},
        {event_with_data(R"({"id":false,"status":"RUNNING"})"), "bad_instance_id"},
        {event_with_data(R"({"id":{},"status":"RUNNING"})"), "bad_instance_id"},
        {from_subject(std::string(253, 'x')), "accepted"},
        {from_subject(std::string(254, 'x')), "missing_instance_id"},
        {from_subject("dcm.x"), "missing_instance_id"},
        {from_subject("dcm"), "accepted"},
    });
}

TEST_CASE("a status is trimmed and upper-cased as ASCII", "[decode]") {
    const StatusEvent event =
        event_of(structured(event_with_data(R"({"id":"a","status":"\t\u000b\f succeeded\r\n"})")));
    CHECK(event.word == "SUCCEEDED");
    CHECK(event.status == "STOPPED");
    check_payloads({
        {event_with_data(R"({"id":"a","status":""})"), "missing_status"},
        {event_with_data(R"({"id":"a","status":" "})"), "unknown_status"},
        {event_with_data(R"({"id":"a","status":null})"), "missing_status"},
        {event_with_data(R"({"id":"a","status":["RUNNING"]})"), "missing_status"},
        {event_with_data(R"({"id":"a"})"), "missing_status"},
        {event_with_data(R"({"id":"a","status":"\u00a0RUNNING"})"), "unknown_status"},
    });
}

TEST_CASE("routing wants one service type of 63 characters at most", "[decode]") {
    const auto routed = [](const std::string& subject_type, const std::string& event_type) {
        Message message =
            structured(R"({"specversion":"1.0","id":"a","source":"s","type":"dcm.status.)" +
                       event_type + R"(","data":{"id":"a","status":"RUNNING"}})");
        message.subject = "dcm." + subject_type;
        return verdict_of(message);
    };
    const std::string longest(63, 'a');
    CHECK(routed(longest, longest) == "accepted");
    CHECK(routed(longest + "a", longest) == "bad_subject");
    CHECK(routed(longest, longest + "a") == "bad_type");
    CHECK(routed("", "vm") == "bad_subject");
    CHECK(routed("vm", "") == "bad_type");
    CHECK(routed("_vm", "_vm") == "bad_subject");
    CHECK(routed("v-_9", "v-_9") == "accepted");
    CHECK(routed("vm", "vn") == "subject_mismatch");
    CHECK(routed("vm\n", "vm") == "bad_subject");
}

TEST_CASE("event time is the sender's within the limits, else the broker's", "[decode]") {
    const auto timed = [](std::string_view time) {
        return event_of(structured(event_with(R"("time":")" + std::string(time) + "\"")));
    };
    CHECK(timed("2026-09-01T12:05:00Z").time == kStored + Duration{300 * dcm::kMicrosPerSecond});
    CHECK(timed("2026-09-01T12:05:00Z").time_source == dcm::billing::TimeSource::event);
    const StatusEvent late = timed("2026-09-01T12:05:00.000001Z");
    CHECK(late.time == kStored);
    CHECK(late.time_source == dcm::billing::TimeSource::store);
    CHECK(late.flags == dcm::billing::Flags{.time_clamped = true});
    CHECK(timed("2020-01-01T00:00:00Z").flags == dcm::billing::Flags{});
    CHECK(timed("2019-12-31T23:59:59.999999Z").flags == dcm::billing::Flags{.time_clamped = true});
    const StatusEvent timeless = event_of(structured(event_with("")));
    CHECK(timeless.time == kStored);
    CHECK(timeless.flags == dcm::billing::Flags{.time_absent = true});
}

TEST_CASE("binary headers are unquoted, then decoded once", "[decode]") {
    struct IdCase {
        std::string value;
        std::string id;
    };
    const std::vector<IdCase> cases{{R"("a%20b")", "a b"},
                                    {R"("a"b")", R"("a"b")"},
                                    {R"("a\")", R"("a\")"},
                                    {R"(")", R"(")"},
                                    {R"("%22")", R"(")"},
                                    {"%e2%82%ac%", "%e2%82%ac%"},
                                    {"a%4", "a%4"},
                                    {"%zz%20", "%zz%20"},
                                    {R"(x"y")", R"(x"y")"},
                                    {R"("a\%20b")", "a b"}};
    for (const IdCase& expected : cases) {
        INFO(expected.value);
        Message message = binary({});
        message.headers[1].value = expected.value;
        CHECK(event_of(message).id == expected.id);
    }
}

TEST_CASE("binary faults come in the order headers, payload, attributes", "[decode]") {
    CHECK(verdict_of(binary({})) == "accepted");
    CHECK(verdict_of(binary({{"ce-ID", "b"}})) == "duplicate_key");
    CHECK(verdict_of(binary({{"ce-x", "\xFF"}, {"ce-ID", "b"}})) == "not_utf8");
    CHECK(verdict_of(binary({{"ce-ID", "b"}, {"ce-x", "%FF"}})) == "duplicate_key");
    CHECK(verdict_of(binary({{"CE-Data", "b"}}, "x")) == "bad_attribute");
    CHECK(verdict_of(binary({{"ce-b_d", "b"}}, "x")) == "bad_json");
    CHECK(verdict_of(binary({{"ce-b_d", "b"}})) == "bad_attribute");
    CHECK(verdict_of(binary({{"ce-x", "%00"}})) == "bad_attribute");
    CHECK(verdict_of(binary({}, "")) == "not_an_event");
    CHECK(verdict_of(binary({}, "17")) == "not_an_event");
    CHECK(verdict_of(binary({{"Content-Type", "text/plain"}}, "{")) == "bad_json");
    CHECK(verdict_of(binary({{"Content-Type", "text/plain"}})) == "bad_data");
    CHECK(verdict_of(binary({{"Content-Type", "nonsense"}})) == "bad_attribute");
    CHECK(verdict_of(binary({{"Content-Type", "nonsense"}, {"ce-dataContentType", "text/json"}})) ==
          "accepted");
}

TEST_CASE("headers and binary payloads have no limit of members", "[decode]") {
    std::vector<Header> headers;
    std::string payload = R"({"id":"vm-1","status":"RUNNING")";
    for (int i = 0; i < 300; ++i) {
        headers.push_back({"ce-e" + std::to_string(i), "x"});
        payload.append(",\"e" + std::to_string(i) + "\":1");
    }
    CHECK(verdict_of(binary(headers, payload + "}")) == "accepted");
}

TEST_CASE("a rejection keeps what was understood before the failing rule", "[decode]") {
    const Rejection syntax = rejection_of(structured(event_with("x")));
    CHECK(!syntax.source);
    CHECK(!syntax.time);
    const Rejection attribute = rejection_of(structured(event_with(R"("time":"x")")));
    CHECK(!attribute.source);
    CHECK(!attribute.id);
    Message misrouted = structured(event_with(R"("time":"2026-09-01T12:00:00Z")"));
    misrouted.subject = "x";
    const Rejection routing = rejection_of(misrouted);
    CHECK(routing.source == "s");
    CHECK(routing.id == "a");
    CHECK(routing.time == kStored);
    CHECK(routing.time_source == dcm::billing::TimeSource::event);
    CHECK(!routing.service_type);
    const Rejection instance =
        rejection_of(structured(event_with_data(R"({"id":"a b","status":"RUNNING"})")));
    CHECK(instance.service_type == "vm");
    CHECK(!instance.instance);
    const Rejection status =
        rejection_of(structured(event_with_data(R"({"id":"a","status":"NOPE"})")));
    CHECK(status.instance == "a");
    CHECK(!status.word);
    CHECK(status.flags == dcm::billing::Flags{.time_absent = true});
}

TEST_CASE("a detail shows a short piece of what came, as printable text", "[decode]") {
    const std::string secret(5'000, 'p');
    for (const std::string& payload :
         {event_with(R"("time":")" + secret + "\""),
          event_with("\"" + secret + "A\":1"),
          event_with(R"("dataschema":")" + secret + "\""),
          event_with("\"" + secret + R"(":"\u0000")"),
          event_with_data(R"({"id":")" + secret + R"(","status":"RUNNING"})"),
          event_with_data(R"({"id":"a","status":")" + secret + "\"}"),
          event_with_data(R"({"id":"\u001b[2J\u009b","status":"RUNNING"})")}) {
        const std::string detail = rejection_of(structured(payload)).detail;
        INFO(detail);
        CHECK(detail.size() < 250);
        CHECK(dcm::is_utf8(detail));
        CHECK(detail.find('\x1B') == std::string::npos);
        CHECK(detail.find("\xC2\x9B") == std::string::npos);
    }
}
