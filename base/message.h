#pragma once

#include "base/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm {

struct Header {
    std::string name;
    std::string value;

    bool operator==(const Header&) const = default;
};

// Where the broker holds a message. All four together identify it: a recovered stream can reuse a
// sequence number, a re-created one starts again.
struct BrokerPosition {
    std::string stream;
    std::int64_t created_ns = 0;
    std::int64_t sequence = 0;
    std::int64_t stored_ns = 0;

    bool operator==(const BrokerPosition&) const = default;
};

// `stream|created_ns|seq|msg_ts_ns`, the audit record's broker_pos.
[[nodiscard]] std::string format_position(const BrokerPosition& position);
// Reads it back; a stream may have any name. nullopt for any other text.
[[nodiscard]] std::optional<BrokerPosition> parse_position(std::string_view text);

// What the broker, or a line of a file, delivers; nothing in it has been judged yet.
struct Message {
    std::string subject;
    std::vector<Header> headers;
    std::string payload;
    // The broker's, or for a bare event in a file the moment of reading.
    Instant store_time;
    // 0 when there is none.
    std::int64_t stream_seq = 0;
    // Absent for a line of a file that carries no stream_seq and store_time.
    std::optional<BrokerPosition> position;
    // Set by the source that delivered it, for its acknowledgement: what to say it to, empty when
    // there is none, and to which of the durables that the source has read from.
    std::string ack_subject;
    std::int64_t ack_durable = 0;
};

}  // namespace dcm
