#include "consumer/json_text.h"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

namespace {

using dcm::consumer::is_beyond_double;

// 2^1024 - 2^970, the least integer that rounds to infinity.
constexpr std::string_view kFirstInfinite =
    "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977"
    "587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845"
    "817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559"
    "699508093042880177904174497792";

}  // namespace

TEST_CASE("a number is beyond double range where it rounds to infinity", "[json_text]") {
    const std::string first(kFirstInfinite);
    std::string last_finite = first;
    last_finite.back() = '1';
    CHECK(is_beyond_double(first));
    CHECK(is_beyond_double("-" + first));
    CHECK_FALSE(is_beyond_double(last_finite));
    CHECK_FALSE(is_beyond_double(last_finite + ".99999"));
    CHECK(is_beyond_double(first + ".0"));
    CHECK(is_beyond_double(first + "e-0"));
    CHECK_FALSE(is_beyond_double(first + "e-1"));
    CHECK(is_beyond_double("0.0" + first + "E310"));
    CHECK_FALSE(is_beyond_double("0.0" + first + "E309"));
    CHECK_FALSE(is_beyond_double(std::string(309, '1')));
    CHECK(is_beyond_double(std::string(310, '1')));
    CHECK(is_beyond_double("1.8e308"));
    CHECK_FALSE(is_beyond_double("1.79769313486231570e+308"));
    CHECK_FALSE(is_beyond_double("1.7976931348623158e308"));
    CHECK(is_beyond_double("1.7976931348623159e308"));
    CHECK(is_beyond_double("1e309"));
    CHECK(is_beyond_double("1e99999999999999999999999999"));
    CHECK_FALSE(is_beyond_double("1e-99999999999999999999999999"));
    CHECK_FALSE(is_beyond_double("0e999"));
    CHECK_FALSE(is_beyond_double("-0.000e999"));
    CHECK_FALSE(is_beyond_double("0." + std::string(400, '0') + "1e700"));
    CHECK(is_beyond_double("0." + std::string(400, '0') + "1e710"));
}

TEST_CASE("escapes become the characters they stand for", "[json_text]") {
    using dcm::consumer::unescape;
    CHECK(unescape(R"(a\"\\\/\b\f\n\r\tz)") == "a\"\\/\b\f\n\r\tz");
    CHECK(unescape(R"(\u0041\u00e9\u20AC\ud83d\uDE00)") == "A\u00e9\u20ac\U0001F600");
    CHECK(unescape(R"(\u0000)") == std::string(1, '\0'));
    CHECK(unescape(R"(\ud800\udc00\udbff\udfff)") == "\U00010000\U0010FFFF");
}

TEST_CASE("text is written so that JSON readers read it back", "[json_text]") {
    std::string out;
    dcm::consumer::append_json_string(out, "a\"b\\c\nd\te\x01\x7F\u00e9" + std::string(1, '\0'));
    CHECK(out == "\"a\\\"b\\\\c\\nd\\u0009e\\u0001\x7F\u00e9\\u0000\"");
}

TEST_CASE("an excerpt has 40 bytes and only printable ones", "[json_text]") {
    using dcm::consumer::excerpt;
    CHECK(excerpt("") == "''");
    CHECK(excerpt(std::string(40, 'x')) == "'" + std::string(40, 'x') + "'");
    CHECK(excerpt(std::string(41, 'x')) == "'" + std::string(40, 'x') + "\u2026'");
    CHECK(excerpt("a\x1B\xFF") == R"('a\x1b\xff')");
}
