#include "consumer/json_reader.h"

#include "billing/event.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using dcm::consumer::JsonKind;
using dcm::consumer::JsonReader;
using dcm::consumer::JsonToken;
using dcm::consumer::TextPool;

// `sound`, or the reason code of the first fault.
std::string verdict_of(std::string_view text) {
    TextPool pool;
    JsonReader reader(text, pool);
    while (true) {
        const JsonToken token = reader.next();
        if (token == JsonToken::end_of_text) return "sound";
        if (token == JsonToken::fault) {
            return std::string(dcm::billing::reason_name(reader.fault().reason));
        }
    }
}

}  // namespace

TEST_CASE("tokens come in reading order with their text", "[json_reader]") {
    TextPool pool;
    JsonReader reader(R"( {"a":[1,-2.5e3,"x\ty"],"\u0062":{},"c":null,"d":true} )", pool);
    CHECK(reader.next() == JsonToken::begin_object);
    CHECK(reader.next() == JsonToken::name);
    CHECK(reader.name() == "a");
    CHECK(reader.next() == JsonToken::begin_array);
    CHECK(reader.next() == JsonToken::integer);
    CHECK(reader.text() == "1");
    CHECK(reader.next() == JsonToken::number);
    CHECK(reader.text() == "-2.5e3");
    CHECK(reader.next() == JsonToken::string);
    CHECK(reader.text() == "x\ty");
    CHECK(reader.next() == JsonToken::end_array);
    CHECK(reader.next() == JsonToken::name);
    CHECK(reader.name() == "b");
    CHECK(reader.next() == JsonToken::begin_object);
    CHECK(reader.next() == JsonToken::end_object);
    CHECK(reader.next() == JsonToken::name);
    CHECK(reader.next() == JsonToken::null_value);
    CHECK(reader.next() == JsonToken::name);
    CHECK(reader.next() == JsonToken::true_value);
    CHECK(reader.next() == JsonToken::end_object);
    CHECK(reader.next() == JsonToken::end_of_text);
    CHECK(reader.next() == JsonToken::end_of_text);
}

TEST_CASE("a whole value is taken as it stands, or passed over", "[json_reader]") {
    TextPool pool;
    JsonReader reader(R"({"a":{"x":[1, {"y":2}]},"b":[[],"]"],"c":7})", pool);
    CHECK(reader.next() == JsonToken::begin_object);
    CHECK(reader.next() == JsonToken::name);
    const auto object = reader.value_from(reader.next());
    CHECK(object.kind == JsonKind::object);
    CHECK(object.text == R"({"x":[1, {"y":2}]})");
    CHECK(reader.next() == JsonToken::name);
    CHECK(reader.name() == "b");
    reader.skip_value();
    CHECK(reader.next() == JsonToken::name);
    CHECK(reader.name() == "c");
    CHECK(reader.value_from(reader.next()).text == "7");
    CHECK(reader.next() == JsonToken::end_object);
}

TEST_CASE("the reader accepts what RFC 8259 accepts and nothing else", "[json_reader]") {
    for (const std::string_view text : {"0",
                                        "-0",
                                        "10",
                                        "1.0",
                                        "1e5",
                                        "1E+5",
                                        "1e-5",
                                        "0e0",
                                        "\"\"",
                                        "[]",
                                        "{}",
                                        "[1,2]",
                                        "null",
                                        R"("\u12aF")",
                                        R"("\ud800\uDC00")",
                                        R"({"":{"":[]}})",
                                        "\"\x7F\"",
                                        R"([{"a":1},{"a":1}])"}) {
        INFO(text);
        CHECK(verdict_of(text) == "sound");
    }
    for (const std::string_view text : {"",
                                        " ",
                                        "-",
                                        "+1",
                                        "01",
                                        "-01",
                                        "1.",
                                        ".5",
                                        "1.e5",
                                        "1e",
                                        "1e+",
                                        "0x1",
                                        "NaN",
                                        "Infinity",
                                        "nul",
                                        "nulll",
                                        "True",
                                        "'a'",
                                        "\"",
                                        "\"\\",
                                        R"("\")",
                                        "\"\t\"",
                                        R"("\x")",
                                        R"("\u123")",
                                        R"("\u12"34")",
                                        R"("\uD800")",
                                        R"("\uDC00")",
                                        R"("\uD800\uD800")",
                                        R"("\uD800x")",
                                        R"("\uDC00\uD800")",
                                        "[",
                                        "]",
                                        "[,]",
                                        "[1,]",
                                        "[1 2]",
                                        "[1}",
                                        "{",
                                        "}",
                                        "{,}",
                                        "{\"a\"}",
                                        "{\"a\":}",
                                        "{\"a\":1,}",
                                        "{\"a\" 1}",
                                        "{1:2}",
                                        "{\"a\":1]",
                                        "1 2",
                                        "{}{}",
                                        "//x\n1",
                                        "1e999",
                                        "\"\n\""}) {
        INFO(text);
        CHECK(verdict_of(text) == "bad_json");
    }
}

TEST_CASE("a name twice in one object is a fault, in two objects none", "[json_reader]") {
    CHECK(verdict_of(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})") == "sound");
    CHECK(verdict_of(R"({"a":{"b":1},"b":2})") == "sound");
    CHECK(verdict_of(R"({"a":1,"\u0061":2})") == "duplicate_key");
    CHECK(verdict_of(R"({"a":1,"A":2})") == "sound");
    CHECK(verdict_of(R"({"x":{"a":1,"b":2,"a":3}})") == "duplicate_key");
}

// The index of large objects is entered, left, and entered again at the same depth.
TEST_CASE("names are told apart in objects of any size", "[json_reader]") {
    const auto object = [](int members, std::string_view last) {
        std::string text = "{";
        for (int i = 0; i < members; ++i) {
            text.append("\"k" + std::to_string(i) + R"(":{"k0":0},)");
        }
        return text.append("\"").append(last).append("\":1}");
    };
    for (const int members : {1, 15, 16, 17, 40}) {
        INFO(members);
        CHECK(verdict_of(object(members, "new")) == "sound");
        CHECK(verdict_of(object(members, "k0")) == "duplicate_key");
        CHECK(verdict_of(object(members, "k" + std::to_string(members - 1))) == "duplicate_key");
        std::string twice = "[";
        twice.append(object(members, "new")).append(",").append(object(members, "new"));
        CHECK(verdict_of(twice.append("]")) == "sound");
    }
}

TEST_CASE("a fault stays", "[json_reader]") {
    TextPool pool;
    JsonReader reader("[1,x,2]", pool);
    CHECK(reader.next() == JsonToken::begin_array);
    CHECK(reader.next() == JsonToken::integer);
    CHECK(reader.next() == JsonToken::fault);
    CHECK(reader.next() == JsonToken::fault);
    CHECK(reader.fault().detail == "expected a value at byte 3, got 'x'");
}

TEST_CASE("a value that a fault cuts short is null", "[json_reader]") {
    for (const char* const value : {R"("\u00")", R"("\ud800")", R"("\)", R"("\x")", "tru", "-"}) {
        TextPool pool;
        const std::string text = R"({"a long name":)" + std::string(value) + "}";
        INFO(text);
        JsonReader reader(text, pool);
        CHECK(reader.next() == JsonToken::begin_object);
        CHECK(reader.next() == JsonToken::name);
        const auto taken = reader.value_from(reader.next());
        CHECK(taken.kind == JsonKind::null);
        CHECK(taken.text.empty());
        CHECK(reader.next() == JsonToken::fault);
    }
}

// Method: sound texts with a few bytes changed at random. Goal: the reader agrees with another
// implementation about what is JSON, and never reads beyond the text.
TEST_CASE("the reader agrees with nlohmann_json on damaged texts", "[json_reader]") {
    constexpr unsigned seed = 20'260'501;
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::vector<std::string> texts{
        R"({"specversion":"1.0","id":"a\u00e9b","n":[1,-2.5,3e7,{"x":null}],"t":true})",
        R"([[],{},"\ud83d\ude00",{"a":{"b":[false,0.125e-3]}}])"};
    constexpr std::string_view bytes = "\"\\{}[]:,0123456789eE+-.truefalsn \t\x01ud8";
    int sound = 0;
    for (int round = 0; round < 40'000; ++round) {
        std::string text = texts[random() % texts.size()];
        const auto changes = random() % 3;
        for (unsigned i = 0; i <= changes; ++i) {
            const std::size_t at = random() % text.size();
            const char byte = bytes[random() % bytes.size()];
            if (random() % 3 == 0) {
                text.erase(at, 1);
            } else if (random() % 2 == 0) {
                text.insert(at, 1, byte);
            } else {
                text[at] = byte;
            }
        }
        const std::string verdict = verdict_of(text);
        bool accepted = false;
        try {
            accepted = nlohmann::json::accept(text);
        } catch (const nlohmann::json::exception&) {
            accepted = false;  // a number beyond double range
        }
        INFO(text);
        if (verdict == "duplicate_key") continue;  // the fault is ours alone, the rest unread
        REQUIRE((verdict == "sound") == accepted);
        sound += verdict == "sound" ? 1 : 0;
    }
    CHECK(sound > 1'000);
}
