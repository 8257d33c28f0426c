#pragma once

#include "anchors/witness.h"

#include <cstdint>
#include <memory>
#include <string>

namespace dcm::anchors {

// Where to listen: an IPv4 address and a port, 0 for a free one.
struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
};
// `127.0.0.1:2025`
[[nodiscard]] Result<ListenAddress> parse_listen_address(const std::string& text);

// Serves a witness over HTTP in one thread of its own, which makes checking and remembering one
// step. A client has so many seconds and bytes for a request; slow ones keep no others waiting.
class WitnessServer {
public:
    // Throws Failure (environment) when the address cannot be listened at. The witness outlives
    // this, and nobody else uses it meanwhile.
    WitnessServer(Witness& witness, const ListenAddress& address);
    WitnessServer(const WitnessServer&) = delete;
    WitnessServer& operator=(const WitnessServer&) = delete;
    ~WitnessServer();

    [[nodiscard]] std::uint16_t port() const;

private:
    struct Daemon;
    std::unique_ptr<Daemon> daemon_;
};

}  // namespace dcm::anchors
