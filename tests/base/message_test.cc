#include "base/message.h"

#include <catch2/catch.hpp>

namespace dcm {
namespace {

TEST_CASE("a position is read back from its text, whatever the stream is called", "[message]") {
    const std::string stream = GENERATE(as<std::string>{}, "DCM", "a|b", "", "7|8|9|");
    CAPTURE(stream);
    const BrokerPosition position{stream, 1'700'000'000'000'000'001, 42, 1'700'000'000'000'000'999};
    CHECK(parse_position(format_position(position)) == position);
}

TEST_CASE("what is no position is read as none", "[message]") {
    const std::string text = GENERATE(as<std::string>{},
                                      "",
                                      "DCM",
                                      "DCM|1|2",
                                      "DCM|1|2|",
                                      "DCM|1||3",
                                      "DCM|1|2|3 ",
                                      "DCM|1|2|x",
                                      "DCM|1|2|9223372036854775808");
    CAPTURE(text);
    CHECK_FALSE(parse_position(text).has_value());
}

}  // namespace
}  // namespace dcm
