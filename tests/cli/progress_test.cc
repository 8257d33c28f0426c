#include "cli/progress.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

constexpr std::size_t kWide = 120;

Duration elapsed(std::int64_t count) {
    return Duration{count * kMicrosPerSecond};
}

TEST_CASE("with a total there is a bar, a rate and the time left", "[progress]") {
    CHECK(progress_line({"replay", Progress::Unit::things, {.done = 50, .total = 200}, elapsed(5)},
                        kWide) == "replay [######------------------] 25%  10/s  00:15 left");
}

TEST_CASE("hours are shown when there are any", "[progress]") {
    CHECK(progress_line({"x", Progress::Unit::things, {.done = 1, .total = 7'201}, elapsed(1)},
                        kWide) == "x [------------------------] 0%  1/s  2:00:00 left");
}

TEST_CASE("without a total there is a count and a rate", "[progress]") {
    CHECK(progress_line({"consume", Progress::Unit::things, {.done = 30, .total = 0}, elapsed(3)},
                        kWide) == "consume  30  10/s");
}

TEST_CASE("more done than expected is a full bar", "[progress]") {
    CHECK_THAT(
        progress_line({"x", Progress::Unit::things, {.done = 9, .total = 3}, elapsed(1)}, kWide),
        Catch::Contains("100%"));
}

TEST_CASE("bytes are shown in megabytes", "[progress]") {
    CHECK(progress_line(
              {"replay", Progress::Unit::bytes, {.done = 5'250'000, .total = 0}, elapsed(2)},
              kWide) == "replay  5.2 MB  2.6 MB/s");
}

TEST_CASE("a line never exceeds the terminal", "[progress]") {
    CHECK(progress_line({"replay", Progress::Unit::things, {.done = 50, .total = 200}, elapsed(5)},
                        20)
              .size() == 20);
}

}  // namespace
}  // namespace dcm::cli
