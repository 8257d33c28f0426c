#include "tests/consumer/decode_support.h"

#include <catch2/catch.hpp>

namespace dcm::consumer::decode_support {
namespace {

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

}  // namespace
}  // namespace dcm::consumer::decode_support
