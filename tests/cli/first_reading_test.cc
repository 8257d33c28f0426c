#include "cli/first_reading.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

using State = FirstReading::State;
using std::chrono::seconds;

constexpr FirstReading::Time kStart{};
constexpr FirstReading::Time kLastMoment = kStart + FirstReading::kPatience - seconds(1);

TEST_CASE("as much as waited has to be read", "[first_reading]") {
    FirstReading reading(kStart);
    CHECK(reading.state(kStart) == State::going_on);
    reading.attached(501, kStart);
    CHECK(reading.state(kStart) == State::going_on);
    reading.read(500, kStart);
    CHECK(reading.state(kStart) == State::going_on);
    reading.read(1, kStart);
    CHECK(reading.state(kStart) == State::done);
}

TEST_CASE("where nothing waits the reading is done at once", "[first_reading]") {
    FirstReading reading(kStart);
    reading.attached(0, kStart);
    CHECK(reading.state(kStart) == State::done);
}

TEST_CASE("more than waited is done all the more", "[first_reading]") {
    FirstReading reading(kStart);
    reading.attached(2, kStart);
    reading.read(5, kStart);
    CHECK(reading.state(kStart) == State::done);
    CHECK(reading.state(kStart + 2 * FirstReading::kPatience) == State::done);
}

TEST_CASE("a broker that never answers is waited for so long", "[first_reading]") {
    const FirstReading reading(kStart);
    CHECK(reading.state(kLastMoment) == State::going_on);
    CHECK(reading.state(kStart + FirstReading::kPatience) == State::given_up);
}

TEST_CASE("a broker that falls silent is waited for so long from its last word on",
          "[first_reading]") {
    FirstReading reading(kStart);
    reading.attached(10, kLastMoment);
    CHECK(reading.state(kStart + FirstReading::kPatience) == State::going_on);
    const auto later = kLastMoment + seconds(200);
    reading.read(9, later);
    CHECK(reading.state(later + FirstReading::kPatience - seconds(1)) == State::going_on);
    CHECK(reading.state(later + FirstReading::kPatience) == State::given_up);
}

}  // namespace
}  // namespace dcm::cli
