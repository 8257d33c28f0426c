#include "base/encoding.h"

#include <catch2/catch.hpp>

namespace dcm {
namespace {

using std::string_literals::operator""s;  // NOLINT(misc-unused-using-decls): used below

TEST_CASE("base64 gives the examples of RFC 4648", "[encoding]") {
    struct Row {
        std::string_view bytes;
        std::string_view text;
    };
    for (const Row& row : {Row{"", ""},
                           {"f", "Zg=="},
                           {"fo", "Zm8="},
                           {"foo", "Zm9v"},
                           {"foob", "Zm9vYg=="},
                           {"fooba", "Zm9vYmE="},
                           {"foobar", "Zm9vYmFy"}}) {
        INFO(row.text);
        CHECK(base64_encode(as_bytes(row.bytes)) == row.text);
        CHECK(base64_decode(row.text) == std::string(row.bytes));
    }
    CHECK(base64_decode("AP+/") == "\x00\xff\xbf"s);
}

TEST_CASE("base64 that is not strict is refused", "[encoding]") {
    for (const std::string_view text : {"Zg",
                                        "Zg=",
                                        "Zh==",
                                        "Zm9=",
                                        "Zm9v\n",
                                        "Zm 9v",
                                        "Z===",
                                        "====",
                                        "Zm-_",
                                        "Zg==Zg==",
                                        "=Zm9"}) {
        INFO(text);
        CHECK_FALSE(base64_decode(text).has_value());
    }
}

TEST_CASE("hex goes both ways and refuses odd or foreign digits", "[encoding]") {
    CHECK(hex_encode(as_bytes("\x00\x7f\xff"s)) == "007fff");
    CHECK(hex_decode("007FfF") == "\x00\x7f\xff"s);
    CHECK_FALSE(hex_decode("0").has_value());
    CHECK_FALSE(hex_decode("0g").has_value());
}

TEST_CASE("well-formed UTF-8 is told from the rest at every boundary", "[encoding]") {
    for (const std::string& good : {""s,
                                    "a"s,
                                    "\0"s,
                                    "\x7f"s,
                                    "\xC2\x80"s,
                                    "\xDF\xBF"s,
                                    "\xE0\xA0\x80"s,
                                    "\xED\x9F\xBF"s,
                                    "\xEE\x80\x80"s,
                                    "\xEF\xBF\xBF"s,
                                    "\xF0\x90\x80\x80"s,
                                    "\xF4\x8F\xBF\xBF"s}) {
        INFO(hex_encode(as_bytes(good)));
        CHECK(is_utf8(good));
    }
    for (const std::string& bad : {"\x80"s,
                                   "\xBF"s,
                                   "\xC0\x80"s,
                                   "\xC1\xBF"s,
                                   "\xC2"s,
                                   "\xC2\x41"s,
                                   "\xE0\x9F\xBF"s,
                                   "\xE0\xA0"s,
                                   "\xED\xA0\x80"s,
                                   "\xF0\x8F\xBF\xBF"s,
                                   "\xF0\x90\x80"s,
                                   "\xF4\x90\x80\x80"s,
                                   "\xF5\x80\x80\x80"s,
                                   "\xFF"s,
                                   "ok\xFE"s}) {
        INFO(hex_encode(as_bytes(bad)));
        CHECK_FALSE(is_utf8(bad));
    }
}

TEST_CASE("a bad byte is found wherever it lies in a long text", "[encoding]") {
    for (std::size_t at = 0; at < 40; ++at) {
        std::string text(40, 'a');
        CHECK(is_utf8(text));
        text[at] = '\xFF';
        INFO(at);
        CHECK_FALSE(is_utf8(text));
    }
}

}  // namespace
}  // namespace dcm
