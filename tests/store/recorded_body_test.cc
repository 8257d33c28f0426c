#include "store/recorded_body.h"

#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

TEST_CASE("a body is read as SQLite reads it", "[body]") {
    test::Fixture fixture;
    BodyReader reader(fixture.database.session());
    const auto [body, is_plain] = GENERATE(table<const char*, bool>({
        {R"({"event_time":"2026-05-01T10:00:00Z","word":"RUNNING"})", true},
        {R"({"event_time":"t","flags":["a","b"],"stream_seq":17,"word":"W"})", true},
        {R"({"event_time":"t","flags":[],"headers_commit":"00","word":"W"})", true},
        {R"({"store_time":"t","time_source":"store"})", true},
        {R"({"stream_seq":-3})", true},
        {R"({"event_time":"t","word":"A\"B"})", false},
        {R"({"event_time":"t","word":"\u0041"})", false},
        {R"({ "event_time" : "t", "word" : "W" })", false},
        {R"({"event_time":null,"word":7})", false},
        {R"({"other":{"word":"inner"},"word":"outer"})", false},
        {R"({})", false},
    }));
    INFO(body);
    CHECK(read_plain_body(body).has_value() == is_plain);
    const RecordedBody read = reader.read(body);
    RowStatement extract(fixture.database.session(),
                         "SELECT json_extract(?1, '$.event_time'), json_extract(?1, '$.word'),"
                         " coalesce(json_extract(?1, '$.stream_seq'), 0)");
    extract.bind(body);
    REQUIRE(extract.fetch());
    CHECK(read.event_time.has_value() != extract.is_null(0));
    CHECK(read.event_time.value_or("") == extract.text(0));
    CHECK(read.word.has_value() != extract.is_null(1));
    CHECK(read.word.value_or("") == extract.text(1));
    CHECK(read.stream_seq == extract.number(2));
}

TEST_CASE("what is cut off is no plain body", "[body]") {
    const std::string body = R"({"event_time":"t","flags":["a","b"],"stream_seq":17,"word":"W"})";
    for (std::size_t size = 0; size < body.size(); ++size) {
        CHECK_FALSE(read_plain_body(body.substr(0, size)).has_value());
    }
    CHECK_FALSE(read_plain_body(body + "}").has_value());
}

}  // namespace
}  // namespace dcm::store
