#pragma once

#include "base/message.h"
#include "consumer/nats_handles.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::consumer {

// What the broker says about a pull request, as against a message of the stream.
struct PullStatus {
    int code = 0;  // 100 heartbeat, 404, 408, 409 …
    std::string description;
    std::int64_t request = 0;            // the number in the subject it came on
    std::int64_t undelivered = 0;        // Nats-Pending-Messages
    std::int64_t undelivered_bytes = 0;  // Nats-Pending-Bytes
};

// Whether it is a message of the stream. Only the reply subject decides: users may send headers
// named Status and empty payloads.
[[nodiscard]] bool is_stream_message(const natsMsg* message);

// A message of the stream with its position; `created_ns` is the stream's. nullopt when the reply
// subject has a form we do not know.
[[nodiscard]] std::optional<Message> to_message(natsMsg* message, std::int64_t created_ns);

[[nodiscard]] PullStatus to_status(natsMsg* message);

}  // namespace dcm::consumer
