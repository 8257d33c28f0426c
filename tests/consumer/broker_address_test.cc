#include "consumer/broker_address.h"

#include <catch2/catch.hpp>

namespace dcm::consumer {
namespace {

TEST_CASE("a broker's URL leads to a host and a port", "[nats]") {
    CHECK(broker_address("nats://broker:4333") == BrokerAddress{"broker", 4333});
    CHECK(broker_address("tls://user:p@ss@broker") == BrokerAddress{"broker", 4222});
    CHECK(broker_address("broker:1/") == BrokerAddress{"broker", 1});
    CHECK(broker_address("nats://[::1]") == BrokerAddress{"::1", 4222});
    CHECK(broker_address("[fe80::2]:65535") == BrokerAddress{"fe80::2", 65'535});
}

TEST_CASE("what leads to no broker is no address", "[nats]") {
    for (const std::string_view url : {"",
                                       "htp://broker",
                                       "https//broker:4222",
                                       "nats://",
                                       "nats://:4222",
                                       "broker:0",
                                       "broker:65536",
                                       "broker:4222x",
                                       "broker:4222//",
                                       "broker/path",
                                       "a broker",
                                       "::1]:4222",
                                       "[::1:4222"}) {
        INFO(url);
        CHECK_FALSE(broker_address(url).has_value());
    }
}

}  // namespace
}  // namespace dcm::consumer
