#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::consumer {

// Where a broker's URL leads.
struct BrokerAddress {
    std::string host;  // an IPv6 address without its brackets
    std::uint16_t port = 4222;

    bool operator==(const BrokerAddress&) const = default;
};

// Of nats:// or tls:// or neither, perhaps user and password, a host and perhaps a port. What cnats
// would take for a host of an odd name is none: nullopt. Pure.
[[nodiscard]] std::optional<BrokerAddress> broker_address(std::string_view url);

}  // namespace dcm::consumer
