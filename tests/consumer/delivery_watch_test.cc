#include "consumer/delivery_watch.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

TEST_CASE("a mark is passed when all that was delivered by then is acknowledged",
          "[delivery_watch]") {
    DeliveryWatch watch;
    watch.begin(10);
    CHECK(watch.passed(watch.mark(10)));
    watch.took(3, 13);
    const auto mark = watch.mark(14);  // one is on its way
    CHECK_FALSE(watch.passed(mark));
    watch.acknowledged(3, 13);
    CHECK_FALSE(watch.passed(mark));
    watch.took(1, 14);
    watch.acknowledged(1, 14);
    CHECK(watch.passed(mark));
}

TEST_CASE("what was taken before a lost connection is waited for all the same",
          "[delivery_watch]") {
    DeliveryWatch watch;
    watch.begin(0);
    watch.took(2, 2);
    watch.begin(5);  // 3 to 5 were lost on the way
    const auto mark = watch.mark(5);
    CHECK_FALSE(watch.passed(mark));
    watch.acknowledged(2, 2);
    CHECK(watch.passed(mark));
}

TEST_CASE("a skipped delivery tells of another member", "[delivery_watch]") {
    DeliveryWatch watch;
    watch.begin(7);
    watch.took(1, 8);
    watch.took(3, 11);
    CHECK_FALSE(watch.others());
    SECTION("between two messages of one pull") {
        watch.took(2, 14);
        CHECK(watch.others());
    }
    SECTION("not when an older connection's message comes late") {
        watch.begin(20);
        watch.took(1, 12);
        watch.took(1, 21);
        CHECK_FALSE(watch.others());
        CHECK(watch.last() == 21);
    }
    SECTION("not what was lost with a connection") {
        watch.begin(20);
        watch.took(1, 21);
        CHECK_FALSE(watch.others());
    }
}

}  // namespace
}  // namespace dcm::consumer
