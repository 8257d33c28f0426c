#pragma once

#include "base/result.h"
#include "consumer/durable_check.h"
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
    std::int64_t first_seq = 0;
    std::int64_t last_seq = 0;
    std::vector<std::string> subjects;
};

struct DurableInfo {
    std::int64_t created_ns = 0;  // tells it from an earlier one of the same name
    std::int64_t undelivered = 0;
    std::int64_t unacknowledged = 0;
    std::int64_t requests_max = 0;  // outstanding at a time, all members'; 0 is no limit
    // Limits of one pull request; 0 is none.
    std::int64_t batch_max = 0;
    std::int64_t bytes_max = 0;
    std::int64_t expires_max_ns = 0;
    std::int64_t ack_wait_ns = 0;
    std::int64_t requests = 0;         // outstanding, all members'
    std::int64_t deliveries = 0;       // so far, repeated ones too
    std::int64_t delivered_to = 0;     // the greatest sequence
    std::int64_t acknowledged_to = 0;  // all up to here, or not there
    std::vector<std::string> filters;  // none: it delivers everything
    std::vector<std::string> warnings;
    bool is_new = false;  // created by this call
};

// A configuration at the broker that could lose or hide events, a stream that is not there, or a
// durable of which nothing comes: trying again does not help, somebody must change it. Its kind is
// environment (exit code 4).
class Refused : public Failure {
public:
    explicit Refused(const std::string& message) : Failure(ErrorKind::environment, message) {}
};

// What to do about a stream or durable that is not there: `refuse` throws Refused, `retry` a plain
// Failure (environment), for what was there before and may come back.
enum class WhenAbsent { refuse, retry, create };

// Whether a stream or durable may be called so: the name can be part of a subject. Pure.
[[nodiscard]] bool is_name(const std::string& name);
// Throws Failure (malformed) unless both names may be part of a subject.
void require_names(const StreamNames& names);

// The stream must carry `dcm.*`, otherwise it is Refused. One that is created has limits retention,
// file storage and no cap on age or size; an existing one is never changed.
[[nodiscard]] StreamInfo ensure_stream(NatsConnection& connection,
                                       const StreamNames& names,
                                       WhenAbsent when_absent);

// Attaches to the durable pull consumer. An existing one is left as it is, unless it could lose or
// hide events: then Refused with all that is wrong. One that is created is as `terms` say.
[[nodiscard]] DurableInfo ensure_durable(NatsConnection& connection,
                                         const StreamNames& names,
                                         WhenAbsent when_absent,
                                         const DurableTerms& terms = {});

// Deletes the durable; one that is not there is fine.
void delete_durable(NatsConnection& connection, const StreamNames& names);

// Whether the durable delivers whatever the stream holds. Pure.
[[nodiscard]] bool delivers_all(const DurableInfo& durable, const StreamInfo& stream);

// A creation time as JetStream writes it (RFC 3339 with up to nine digits of fraction).
[[nodiscard]] Result<std::int64_t> parse_created_ns(const std::string& text);

}  // namespace dcm::consumer
