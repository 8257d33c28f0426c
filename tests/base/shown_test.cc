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
