#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dcm::consumer {

inline constexpr std::string_view kAckPrefix = "$JS.ACK.";

// What JetStream writes into the reply subject of a message it delivers.
struct AckSubject {
    std::string_view stream;
    std::int64_t deliveries = 0;
    std::int64_t stream_seq = 0;
    std::int64_t delivery = 0;  // its number among all of the durable
    std::int64_t stored_ns = 0;
    std::int64_t undelivered = 0;
};

// Reads `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<ns>.<pending>`, or
// the longer form with domain and account hash behind the prefix (and, in some servers, one more
// token at the end). The views live as long as `subject`. Pure.
[[nodiscard]] std::optional<AckSubject> parse_ack_subject(std::string_view subject);

}  // namespace dcm::consumer
