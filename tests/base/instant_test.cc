#include "base/instant.h"

#include <catch2/catch.hpp>

namespace dcm {
namespace {

TEST_CASE("RFC 3339 times are read to the microsecond, toward the past", "[instant]") {
    struct Row {
        std::string_view text;
        std::string_view printed;
    };
    for (const Row& row : {Row{"2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"},
                           {"2026-05-01t10:00:00z", "2026-05-01T10:00:00Z"},
                           {"2026-05-01T10:00:00.1234567Z", "2026-05-01T10:00:00.123456Z"},
                           {"2026-05-01T10:00:00.999999999Z", "2026-05-01T10:00:00.999999Z"},
                           {"2026-05-01T10:00:00.500Z", "2026-05-01T10:00:00.5Z"},
                           {"2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00Z"},
                           {"2026-05-01T00:00:00+23:59", "2026-04-30T00:01:00Z"},
                           {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"},
                           {"2016-12-31T23:59:60.7Z", "2017-01-01T00:00:00Z"},
                           {"2015-07-01T01:59:60+02:00", "2015-07-01T00:00:00Z"},
                           {"0000-01-01T00:00:00+01:00", "-0001-12-31T23:00:00Z"},
                           {"9999-12-31T23:59:59-01:00", "+10000-01-01T00:59:59Z"},
                           {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"}}) {
        INFO(row.text);
        const Result<Instant> parsed = parse_rfc3339(row.text);
        REQUIRE(parsed.ok());
        CHECK(format_rfc3339(parsed.value()) == row.printed);
    }
}

TEST_CASE("what RFC 3339 does not allow is refused", "[instant]") {
    for (const std::string_view text : {"",
                                        "now",
                                        "2026-05-01",
                                        "2026-05-01T10:00:00",
                                        "2026-05-01 10:00:00Z",
                                        "2026-05-01T24:00:00Z",
                                        "2026-05-01T10:60:00Z",
                                        "2026-05-01T10:00:61Z",
                                        "2026-05-01T10:00:60Z",
                                        "2016-12-31T22:59:60Z",
                                        "2016-11-30T23:59:60Z",
                                        "2026-02-29T00:00:00Z",
                                        "2026-04-31T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-01-00T00:00:00Z",
                                        "2026-05-01T10:00:00.Z",
                                        "2026-05-01T10:00:00+0200",
                                        "2026-05-01T10:00:00+24:00",
                                        "2026-05-01T10:00:00+02:60",
                                        "2026-05-01T10:00:00Z ",
                                        " 2026-05-01T10:00:00Z",
                                        "2026-5-01T10:00:00Z"}) {
        INFO(text);
        CHECK_FALSE(parse_rfc3339(text).ok());
    }
}

TEST_CASE("the error of a time says what was expected and what came", "[instant]") {
    CHECK(parse_rfc3339("2026-05-01T25:00:00Z").error().message ==
          "expected an RFC 3339 time with hour 00-23, got \"2026-05-01T25:00:00Z\"");
}

TEST_CASE("seconds print without trailing zeros", "[instant]") {
    CHECK(format_seconds(Duration{0}) == "0");
    CHECK(format_seconds(Duration{1}) == "0.000001");
    CHECK(format_seconds(Duration{1'500'000}) == "1.5");
    CHECK(format_seconds(Duration{-2'000'000}) == "-2");
    CHECK(format_seconds(Duration{INT64_MIN}) == "-9223372036854.775808");
    CHECK(format_seconds(Duration{INT64_MAX}) == "9223372036854.775807");
}

TEST_CASE("durations are read with their unit", "[instant]") {
    CHECK(parse_duration("1us").value() == Duration{1});
    CHECK(parse_duration("5ms").value() == Duration{5'000});
    CHECK(parse_duration("60s").value() == parse_duration("1m").value());
    CHECK(parse_duration("24h").value() == parse_duration("1d").value());
    CHECK(parse_duration("106751991d").ok());
    for (const std::string_view text : {"",
                                        "1",
                                        "s",
                                        "-1s",
                                        "-0s",
                                        "1.5s",
                                        "1 s",
                                        "1S",
                                        "1w",
                                        "106751992d",
                                        "99999999999999999999s"}) {
        INFO(text);
        CHECK_FALSE(parse_duration(text).ok());
    }
}

}  // namespace
}  // namespace dcm
