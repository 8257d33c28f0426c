#pragma once

#include "consumer/message_source.h"
#include "consumer/nats_connection.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::consumer {

// A stream, and the creation time that is part of its messages' positions.
struct StreamIdentity {
    std::string name;
    std::int64_t created_ns = 0;
};

// Reads messages of the range out of the stream by their sequence, one request each, at most
// `count_max`, and none once they have kPullBytesMax; no durable knows of it. Throws Failure
// (environment) when nobody answers.
[[nodiscard]] StoredMessages read_stored(NatsConnection& connection,
                                         const StreamIdentity& stream,
                                         const store::SequenceRange& range,
                                         std::size_t count_max);

// Whether the broker gives out single messages of the stream; asked for that sequence. Throws
// Failure like read_stored().
[[nodiscard]] bool gives_out_messages(NatsConnection& connection,
                                      const StreamIdentity& stream,
                                      std::int64_t sequence);

// A message as STREAM.MSG.GET gives it. Throws Failure (environment) when it has no time, or data
// that are no base64. Pure.
[[nodiscard]] Message to_message(const nlohmann::json& stored, const StreamIdentity& stream);

// Reads a header block as it is on the wire: sorted by name, values of one name in their order; a
// line that is none is left out. Pure.
[[nodiscard]] std::vector<Header> parse_header_block(std::string_view block);

}  // namespace dcm::consumer
