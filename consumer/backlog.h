#pragma once

#include "base/instant.h"
#include "consumer/nats_connection.h"
#include "consumer/stream_setup.h"

#include <string>

namespace dcm::consumer {

// What the stream held before an instant and this durable has not brought in, in words; empty when
// there is nothing: a message counts as brought in when it is acknowledged. A stream that is not
// there holds nothing. Changes nothing at the broker. Throws Failure (environment) when it does not
// answer.
[[nodiscard]] std::string backlog_before(NatsConnection& connection,
                                         const StreamNames& names,
                                         Instant before);

}  // namespace dcm::consumer
