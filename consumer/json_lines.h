#pragma once

#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/message.h"

namespace dcm::consumer {

// One line of a JSON Lines file as a message (contracts.md, "JSON Lines in"): an envelope with
// payload or payload_b64, a bare structured event, or, when it is neither, the line as a payload.
// `read_at` is the store time of what carries none. Never fails: what is wrong is for decode().
[[nodiscard]] Message message_from_line(std::string_view line, Instant read_at);

// The line decode() would read back: an envelope with everything the message has.
[[nodiscard]] std::string line_from_message(const Message& message);

}  // namespace dcm::consumer
