#include "consumer/pull_window.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;

const PullWindow::Time kStart{std::chrono::hours(1)};

PullSettings settings() {
    PullSettings settings;
    settings.batch = 10;
    settings.requests_max = 2;
    settings.expires = milliseconds(5000);
    settings.heartbeat = milliseconds(1000);
    return settings;
}

PullWindow with_two_requests() {
    PullWindow window(settings());
    CHECK(window.requested(kStart) == 1);
    CHECK(window.requested(kStart) == 2);
    return window;
}

TEST_CASE("as many requests go out as the settings allow", "[pull_window]") {
    PullWindow window(settings());
    CHECK(window.wants_request());
    window.requested(kStart);
    CHECK(window.wants_request());
    window.requested(kStart);
    CHECK_FALSE(window.wants_request());
}

TEST_CASE("a request's worth of messages makes room for the next request", "[pull_window]") {
    PullWindow window = with_two_requests();
    for (int count = 0; count < 9; ++count) {
        window.delivered();
    }
    CHECK_FALSE(window.wants_request());
    window.delivered();
    CHECK(window.wants_request());
    CHECK(window.awaited() == 10);
}

TEST_CASE("the end of a request takes off what it did not deliver", "[pull_window]") {
    PullWindow window = with_two_requests();
    window.delivered();
    window.ended(1, 9);
    CHECK(window.awaited() == 10);
    CHECK(window.wants_request());
}

TEST_CASE("an end without a count leaves no more than the living requests ask for",
          "[pull_window]") {
    PullWindow window = with_two_requests();
    window.ended(2, 0);
    CHECK(window.awaited() == 10);
}

TEST_CASE("the end of a request that is not known changes nothing", "[pull_window]") {
    PullWindow window = with_two_requests();
    window.ended(3, 10);
    CHECK(window.awaited() == 20);
}

TEST_CASE("an absurd count from the broker cannot make the window negative", "[pull_window]") {
    PullWindow window = with_two_requests();
    window.ended(1, 1'000'000);
    CHECK(window.awaited() == 0);
    window.ended(2, -5);
    CHECK(window.awaited() == 0);
    window.delivered();
    CHECK(window.awaited() == 0);
}

TEST_CASE("a request that ends without a word is given up a second after its time",
          "[pull_window]") {
    PullWindow window(settings());
    window.requested(kStart);
    window.requested(kStart + milliseconds(1000));
    window.age_out(kStart + milliseconds(5999));
    CHECK(window.awaited() == 20);
    window.age_out(kStart + milliseconds(6000));
    CHECK(window.awaited() == 10);
    window.age_out(kStart + milliseconds(7000));
    CHECK(window.awaited() == 0);
}

TEST_CASE("two missing heartbeats and a second of grace are silence", "[pull_window]") {
    PullWindow window = with_two_requests();
    CHECK_FALSE(window.silent(kStart + milliseconds(3000)));
    CHECK(window.silent(kStart + milliseconds(3001)));
    window.heard(kStart + milliseconds(3000));
    CHECK_FALSE(window.silent(kStart + milliseconds(6000)));
    CHECK(window.silent(kStart + milliseconds(6001)));
}

TEST_CASE("without a request nothing is expected, so nothing is silent", "[pull_window]") {
    PullWindow window = with_two_requests();
    window.forget();
    CHECK_FALSE(window.silent(kStart + milliseconds(60'000)));
    CHECK(window.wants_request());
    // The next request does not inherit the silence before it.
    window.requested(kStart + milliseconds(60'000));
    CHECK_FALSE(window.silent(kStart + milliseconds(60'001)));
}

TEST_CASE("request numbers are never used again", "[pull_window]") {
    PullWindow window = with_two_requests();
    window.forget();
    CHECK(window.requested(kStart) == 3);
}

TEST_CASE("once the time of all requests is over they are overdue, until one is made",
          "[pull_window]") {
    const auto over = kStart + milliseconds(6'000);
    PullWindow window(settings());
    CHECK_FALSE(window.is_overdue(over));
    window.requested(kStart - milliseconds(1));
    window.requested(kStart);
    window.ended(1, 10);
    window.ended(2, 10);
    CHECK_FALSE(window.is_overdue(over - milliseconds(1)));
    CHECK(window.is_overdue(over));
    window.requested(over);
    CHECK_FALSE(window.is_overdue(over));
}

TEST_CASE(
    "a postponed request is not made again before its time, and no heartbeat is missed for it",
    "[pull_window]") {
    PullWindow window = with_two_requests();
    window.postponed(1);
    window.postponed(2);
    CHECK_FALSE(window.wants_request());
    CHECK_FALSE(window.silent(kStart + milliseconds(5'000)));
    window.age_out(kStart + milliseconds(6'000));
    CHECK(window.wants_request());
}

}  // namespace
}  // namespace dcm::consumer
