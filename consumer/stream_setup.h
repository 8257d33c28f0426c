#pragma once

#include "base/result.h"
#include "consumer/nats_connection.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dcm::consumer {

struct StreamNames {
    std::string stream = "dcm-status";
    std::string durable = "dcm-billing";
};

// A stream of the broker; `created_ns` tells it from an earlier one of the same name.
struct StreamInfo {
    std::int64_t created_ns = 0;
    std::int64_t messages = 0;
    std::int64_t last_seq = 0;
};

struct DurableInfo {
    std::int64_t undelivered = 0;
    std::int64_t unacknowledged = 0;
    // Limits of one pull request; 0 is none.
    std::int64_t batch_max = 0;
    std::int64_t expires_max_ns = 0;
    std::int64_t ack_wait_ns = 0;
    std::vector<std::string> warnings;
};

// A configuration at the broker that could lose or hide events, or a stream that is not there:
// trying again does not help, somebody must change it. Its kind is environment (exit code 4).
class Refused : public Failure {
public:
    explicit Refused(const std::string& message) : Failure(ErrorKind::environment, message) {}
};

// What to do about a stream or durable that is not there: `refuse` throws Refused, `retry` a plain
// Failure (environment), for what was there before and may come back.
enum class WhenAbsent { refuse, retry, create };

// Throws Failure (malformed) unless both names may be part of a subject.
void require_names(const StreamNames& names);

// The stream must carry `dcm.*`, otherwise it is Refused. One that is created has limits retention,
// file storage and no cap on age or size; an existing one is never changed.
[[nodiscard]] StreamInfo ensure_stream(NatsConnection& connection,
                                       const StreamNames& names,
                                       WhenAbsent when_absent);

// Attaches to the durable pull consumer. An existing one is left as it is, unless it could lose or
// hide events: then Refused with all that is wrong.
[[nodiscard]] DurableInfo ensure_durable(NatsConnection& connection,
                                         const StreamNames& names,
                                         WhenAbsent when_absent);

// A creation time as JetStream writes it (RFC 3339 with up to nine digits of fraction).
[[nodiscard]] Result<std::int64_t> parse_created_ns(const std::string& text);

}  // namespace dcm::consumer
