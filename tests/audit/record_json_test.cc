#include "audit/record_json.h"

#include <catch2/catch.hpp>

#include <limits>

namespace dcm::audit {
namespace {

Record full_record() {
    Record record;
    record.seq = 7;
    record.recorded_at = 1'777'629'600'123'456;
    record.kind = "event.received";
    record.actor = "svc:host/1";
    record.subject = std::string("vm/\"\\\n\x1b\xE2\x80") + '\xAE';
    record.tenant = "t";
    record.ce_source = "";
    record.ce_id = "\xF0\x9F\x98\x80";
    record.broker_pos = "s|1|2|3";
    record.outcome = "rejected";
    record.reason = "bad_time";
    record.body = R"({"word":"A\"B"})";
    record.payload_commit = std::string(64, 'a');
    record.payload_len = std::numeric_limits<std::int64_t>::max();
    return record;
}

const std::string kSmall =
    R"({"seq":0,"recorded_at":1,"kind":"k","actor":"a","subject":"s","tenant":null,)"
    R"("ce_source":null,"ce_id":null,"broker_pos":null,"outcome":"o","reason":null,"body":null,)"
    R"("payload_commit":null,"payload_len":null})";

std::string replaced(const std::string& what, const std::string& with) {
    std::string text = kSmall;
    REQUIRE(text.find(what) != std::string::npos);
    return text.replace(text.find(what), what.size(), with);
}

TEST_CASE("a record reads back as it was written, every byte of it", "[record_json]") {
    const auto read = parse_record_json(record_json(full_record()));
    REQUIRE(read.ok());
    CHECK(read.value() == full_record());
    CHECK(record_json(full_record()).find('\n') == std::string::npos);
}

TEST_CASE("members come in the order of the columns, NULL as null", "[record_json]") {
    Record record;
    record.recorded_at = 1;
    record.kind = "k";
    record.actor = "a";
    record.subject = "s";
    record.outcome = "o";
    CHECK(record_json(record) == kSmall);
    CHECK(record_json(record, R"(,"beside":{})") ==
          kSmall.substr(0, kSmall.size() - 1) + R"(,"beside":{}})");
    const auto read = parse_record_json(kSmall);
    REQUIRE(read.ok());
    CHECK(read.value() == record);
}

TEST_CASE("spaces, another order, beside and sqlite3's array make no difference", "[record_json]") {
    const auto plain = parse_record_json(kSmall);
    REQUIRE(plain.ok());
    for (const std::string& text :
         {" \n" + kSmall + "\n",
          "[" + kSmall + "]\n",
          replaced(R"({"seq":0,)", R"({"beside":{"payload":"e30="},"seq":0,)"),
          replaced(R"("seq":0,"recorded_at":1)", R"("recorded_at":1,"seq":0)")}) {
        CAPTURE(text);
        const auto read = parse_record_json(text);
        REQUIRE(read.ok());
        CHECK(read.value() == plain.value());
    }
}

TEST_CASE("what is no record is told", "[record_json]") {
    struct Case {
        std::string text;
        std::string told;
    };
    const auto example = GENERATE(values<Case>({
        {"", "one JSON object"},
        {"[]", "one JSON object"},
        {"7", "one JSON object"},
        {"[" + kSmall + "," + kSmall + "]", "one JSON object"},
        {kSmall + "x", "one JSON object"},
        {"\xEF\xBB\xBF" + kSmall, "byte order mark"},
        {kSmall + std::string(1, '\0'), "NUL"},
        {std::string(100'000, '['), "one JSON object"},
        {replaced(R"("tenant":null,)", ""), "tenant, it is missing"},
        {replaced(R"("seq":0)", R"("seq":0,"seq":1)"), "twice \"seq\""},
        {replaced(R"("seq":0)", R"("seq":"0")"), "a 64-bit integer as member seq"},
        {replaced(R"("seq":0)", R"("seq":0.0)"), "a 64-bit integer as member seq"},
        {replaced(R"("seq":0)", R"("seq":9223372036854775808)"), "a 64-bit integer"},
        {replaced(R"("seq":0)", R"("seq":1e999)"), "one JSON object"},
        {replaced(R"("kind":"k")", R"("kind":null)"), "a text as member kind"},
        {replaced(R"("kind":"k")", R"("kind":"\u0000")"), "U+0000"},
        {replaced(R"("kind":"k")", "\"kind\":\"\xff\""), "one JSON object"},
        {replaced(R"("tenant":null)", R"("tenant":7)"), "a text as member tenant"},
        {replaced(R"("seq":0)", R"("seq":0,"size":1)"), "got \"size\""},
    }));
    CAPTURE(example.text.substr(0, 200));
    const auto read = parse_record_json(example.text);
    REQUIRE_FALSE(read.ok());
    CHECK_THAT(read.error().message, Catch::Contains(example.told));
}

TEST_CASE("an object nested without end inside beside is refused", "[record_json]") {
    std::string deep = R"("beside":)";
    deep += std::string(100'000, '[') + std::string(100'000, ']');
    CHECK_FALSE(parse_record_json(replaced(R"("seq":0)", R"("seq":0,)" + deep)).ok());
}

}  // namespace
}  // namespace dcm::audit
