#include "cli/first_reading.h"

#include <catch2/catch.hpp>

namespace dcm::cli {
namespace {

using Answer = FirstReading::Answer;
using State = FirstReading::State;
using std::chrono::seconds;

constexpr FirstReading::Time kStart{};
constexpr FirstReading::Time kLastMoment = kStart + FirstReading::kPatience - seconds(1);

TEST_CASE("as much as waited has to be read", "[first_reading]") {
    FirstReading reading;
    reading.reviewed();
    CHECK(reading.state(kStart) == State::going_on);
    reading.attached({501, /*is_reviewed=*/false}, kStart);
    CHECK(reading.state(kStart) == State::going_on);
    reading.read(500);
    CHECK(reading.state(kStart) == State::going_on);
    reading.read(1);
    CHECK(reading.state(kStart) == State::done);
}

TEST_CASE("where nothing waits the reading is done once what was passed over is known",
          "[first_reading]") {
    FirstReading reading;
    reading.attached({}, kStart);
    CHECK(reading.state(kStart) == State::going_on);
    reading.reviewed();
    CHECK(reading.state(kStart) == State::done);
}

TEST_CASE("a source that cannot tell what was passed over is not waited for", "[first_reading]") {
    FirstReading reading;
    reading.attached({0, /*is_reviewed=*/false}, kStart);
    CHECK(reading.state(kStart) == State::done);
}

TEST_CASE("more than waited is done all the more", "[first_reading]") {
    FirstReading reading;
    reading.attached({2}, kStart);
    reading.reviewed();
    reading.read(5);
    CHECK(reading.state(kStart) == State::done);
    CHECK(reading.state(kStart + 2 * FirstReading::kPatience) == State::done);
}

TEST_CASE("a broker that never answers is waited for so long from the first question on",
          "[first_reading]") {
    FirstReading reading;
    CHECK(reading.state(kLastMoment + FirstReading::kPatience) == State::going_on);
    reading.asked(kLastMoment);
    reading.asked(kLastMoment + seconds(200));  // the first question failed
    CHECK(reading.state(kLastMoment + FirstReading::kPatience - seconds(1)) == State::going_on);
    CHECK(reading.state(kLastMoment + FirstReading::kPatience) == State::given_up);
}

TEST_CASE("a broker that falls silent is waited for so long from its last word on",
          "[first_reading]") {
    FirstReading reading;
    reading.asked(kStart);
    reading.attached({10}, kLastMoment);
    CHECK(reading.state(kStart + FirstReading::kPatience) == State::going_on);
    const auto later = kLastMoment + seconds(200);
    reading.answered(Answer::messages, later);
    reading.read(9);
    reading.asked(later);
    CHECK(reading.state(later + FirstReading::kPatience - seconds(1)) == State::going_on);
    CHECK(reading.state(later + FirstReading::kPatience) == State::given_up);
}

TEST_CASE("time in which the source was not asked does not count", "[first_reading]") {
    FirstReading reading;
    reading.attached({10}, kStart);
    reading.answered(Answer::nothing, kStart + seconds(100));
    const auto later = kStart + 10 * FirstReading::kPatience;
    CHECK(reading.state(later) == State::going_on);
    reading.asked(later);
    CHECK(reading.state(later + seconds(199)) == State::going_on);
    CHECK(reading.state(later + seconds(200)) == State::given_up);
    reading.answered(Answer::messages, later + seconds(201));
    CHECK(reading.state(later + FirstReading::kPatience) == State::going_on);
}

}  // namespace
}  // namespace dcm::cli
