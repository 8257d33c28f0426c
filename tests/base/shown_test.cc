#include "base/shown.h"

#include "base/decimal.h"
#include "base/instant.h"
#include "base/zone.h"

#include <catch2/catch.hpp>

namespace dcm {

TEST_CASE("a long or broken text is shown short and on one line", "[shown]") {
    CHECK(shown("abc") == "\"abc\"");
    CHECK(shown("a\nb\tc\x1b") == "\"a b c \"");
    CHECK(shown(std::string(60, 'x')) == '"' + std::string(60, 'x') + '"');
    CHECK(shown(std::string(61, 'x')) == '"' + std::string(60, 'x') + "…\"");
    // A character is never cut: its first byte would be the 60th.
    CHECK(shown(std::string(59, 'x') + "üü") == '"' + std::string(59, 'x') + "…\"");
}

TEST_CASE("what would move a cursor or turn a line's direction is shown as a blank", "[shown]") {
    // C1 (CSI as one character), a line separator, marks of direction, an override, an isolate.
    const std::string harmful = GENERATE(as<std::string>{},
                                         "\xC2\x80",
                                         "\xC2\x9B",
                                         "\xC2\x9F",
                                         "\xE2\x80\x8E",
                                         "\xE2\x80\xA8",
                                         std::string{'\xE2', '\x80', '\xAE'},
                                         std::string{'\xE2', '\x81', '\xA6'},
                                         "\xE2\x81\xA9");
    CHECK(on_one_line("a" + harmful + "b") == "a b");
    // Their neighbours are text.
    const std::string harmless = GENERATE(as<std::string>{},
                                          "\xC2\xA0",
                                          "\xE2\x80\x8D",
                                          "\xE2\x80\x90",
                                          "\xE2\x80\xAF",
                                          "\xE2\x81\xA5",
                                          "\xE2\x81\xAA");
    CHECK(on_one_line("a" + harmless + "b") == "a" + harmless + "b");
}

TEST_CASE("a byte that is no UTF-8 is shown as one that cannot be read", "[shown]") {
    CHECK(on_one_line("a\xE2z") == "a\uFFFDz");
    CHECK(on_one_line("\xC2") == "\uFFFD");
    CHECK(on_one_line("x\x9A\xBC") == "x\uFFFD\uFFFD");
    CHECK(on_one_line("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
    CHECK(on_one_line("ü€😀") == "ü€😀");
}

TEST_CASE("a word of a suggested command is quoted where a shell needs it", "[shown]") {
    CHECK(shell_word("acme-1_x.y/z:a@b,+") == "acme-1_x.y/z:a@b,+");
    CHECK(shell_word("") == "''");
    CHECK(shell_word("Beta, Inc") == "'Beta, Inc'");
    CHECK(shell_word("it's") == "'it'\\''s'");
    for (const char* const word : {"$x", "`x`", "a;b", "~", "*", "=x", "a\\b", "\"", "#", "é"}) {
        CHECK(shell_word(word) == '\'' + std::string(word) + '\'');
    }
}

TEST_CASE("an error shows what came on one line", "[shown]") {
    const std::string text = "1\n\x1b[2J";
    const std::string end = ", got \"1  [2J\"";
    for (const std::string& message : {parse_rfc3339(text).error().message,
                                       parse_duration(text).error().message,
                                       parse_date(text).error().message,
                                       parse_month(text).error().message,
                                       Zone::find(text).error().message,
                                       Decimal::parse(text).error().message}) {
        CHECK(message.ends_with(end));
    }
}

}  // namespace dcm
