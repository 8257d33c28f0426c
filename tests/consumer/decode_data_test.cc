#include "tests/consumer/decode_support.h"

#include <catch2/catch.hpp>

#include <limits>

namespace dcm::consumer::decode_support {
namespace {

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

TEST_CASE("a status that is not known is kept as a word", "[decode]") {
    const Rejection rejection =
        rejection_of(structured(event_with_data(R"({"id":"a","status":" exploded "})")));
    CHECK(rejection.word == "EXPLODED");
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
    const Message last = structured(event_with(R"("time":"9999-12-31T23:59:59Z")"));
    const DecodeLimits endless{.clock_skew_max =
                                   Duration{std::numeric_limits<std::int64_t>::max()}};
    CHECK(std::get<StatusEvent>(decode(last, lifecycle(), endless)).flags == dcm::billing::Flags{});
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
    CHECK(status.word == "NOPE");
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

}  // namespace
}  // namespace dcm::consumer::decode_support
