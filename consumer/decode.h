#pragma once

#include "base/instant.h"
#include "base/message.h"
#include "billing/event.h"
#include "rules/lifecycle.h"

#include <cstddef>

namespace dcm::consumer {

// The limits of section 1 that configuration may change.
struct DecodeLimits {
    std::size_t payload_bytes_max = 1'048'576;
    Duration clock_skew_max{300 * kMicrosPerSecond};
    Instant earliest_time{1'577'836'800LL * kMicrosPerSecond};  // 2020-01-01
};

inline constexpr std::size_t kAttributeBytesMax = 16'384;
inline constexpr std::size_t kEnvelopeMembersMax = 256;
inline constexpr int kJsonDepthMax = 128;

// Decides one message by rules 1–6 of domain.md section 1. Pure; one pass over the payload.
[[nodiscard]] billing::Decision decode(const Message& message,
                                       const rules::Lifecycle& lifecycle,
                                       const DecodeLimits& limits);

}  // namespace dcm::consumer
