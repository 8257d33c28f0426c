#pragma once

#include <cstdint>

namespace dcm::consumer {

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers from the same seed on every platform,
// which the distributions of the standard library do not promise.
class FleetRandom {
public:
    explicit FleetRandom(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
        return mixed ^ (mixed >> 31U);
    }
    // 0 to bound − 1; a bound below 1 counts as 1. Its bias is below bound ÷ 2^64.
    [[nodiscard]] std::int64_t below(std::int64_t bound) {
        const std::uint64_t limit = bound < 1 ? 1 : static_cast<std::uint64_t>(bound);
        return static_cast<std::int64_t>(next() % limit);
    }
    [[nodiscard]] bool happens(std::int64_t in_thousand) { return below(1'000) < in_thousand; }

private:
    std::uint64_t state_;
};

}  // namespace dcm::consumer
