#include "cli/option_value.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

TEST_CASE("a whole number lies in its range, and nothing stands around it", "[option_value]") {
    const auto jobs = whole_number({1, 64});
    for (const std::string good : {"1", "64"}) {
        CHECK(jobs(good).empty());
    }
    for (const std::string bad :
         {"0", "65", "-1", "", "abc", "1 ", " 1", "1.0", "0x1", "99999999999999999999"}) {
        CHECK(jobs(bad) == "expected a whole number from 1 to 64, got \"" + bad + '"');
    }
    const auto seq = whole_number({});
    CHECK(seq(std::string("9223372036854775807")).empty());
    CHECK(seq(std::string("-1")) == "expected a whole number from 0 on, got \"-1\"");
}

TEST_CASE("a word is one of the list, or the nearest one is told", "[option_value]") {
    const auto level = one_of({"debug", "info"});
    CHECK(level(std::string("info")).empty());
    CHECK(level(std::string("inof")) ==
          "expected one of debug, info, got \"inof\"; did you mean info?");
    CHECK(level(std::string("x")) == "expected one of debug, info, got \"x\"");
}

}  // namespace
}  // namespace dcm::cli
