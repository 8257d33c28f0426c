#pragma once

#include "consumer/stream_setup.h"

#include <array>
#include <chrono>
#include <cstdint>

namespace dcm::consumer {

// How long a durable has stood still: nothing of it is delivered for the first time, and nothing
// acknowledged. Deliveries that repeat are no progress, nor is what is published meanwhile. Pure.
class Standstill {
public:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] std::chrono::nanoseconds length(const DurableInfo& durable, Time now) {
        const State state{durable.created_ns,
                          durable.unacknowledged,
                          durable.delivered_to,
                          durable.acknowledged_to};
        if (state != state_) {
            state_ = state;
            since_ = now;
        }
        return now - since_;
    }

private:
    using State = std::array<std::int64_t, 4>;

    State state_{};
    Time since_;
};

}  // namespace dcm::consumer
