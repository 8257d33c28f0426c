#include "consumer/standstill.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

using std::chrono::seconds;

Standstill::Time at(int second) {
    return Standstill::Time{} + seconds(second);
}

DurableInfo waiting_durable() {
    DurableInfo durable;
    durable.created_ns = 1;
    durable.undelivered = 3;
    durable.unacknowledged = 2;
    durable.deliveries = 9;
    durable.delivered_to = 7;
    durable.acknowledged_to = 5;
    return durable;
}

TEST_CASE("a durable stands still while deliveries repeat and messages are published",
          "[standstill]") {
    Standstill standstill;
    DurableInfo durable = waiting_durable();
    CHECK(standstill.length(durable, at(10)) == seconds(0));
    durable.deliveries = 900;
    durable.undelivered = 90;
    CHECK(standstill.length(durable, at(70)) == seconds(60));
}

TEST_CASE("whatever a durable delivers or has acknowledged is progress", "[standstill]") {
    DurableInfo moved = waiting_durable();
    SECTION("one acknowledged out of turn") {
        --moved.unacknowledged;
    }
    SECTION("one delivered, in place of one that was acknowledged") {
        ++moved.delivered_to;
    }
    SECTION("the oldest acknowledged") {
        ++moved.acknowledged_to;
    }
    SECTION("another durable of the name") {
        ++moved.created_ns;
    }
    Standstill standstill;
    static_cast<void>(standstill.length(waiting_durable(), at(10)));
    CHECK(standstill.length(moved, at(70)) == seconds(0));
    CHECK(standstill.length(moved, at(75)) == seconds(5));
}

}  // namespace
}  // namespace dcm::consumer
