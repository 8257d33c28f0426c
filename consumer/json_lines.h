#pragma once

#include "base/instant.h"
#include "base/message.h"

#include <string>
#include <string_view>

namespace dcm::consumer {

// One line of a JSON Lines file as a message (contracts.md, "JSON Lines in"): an envelope with
// payload or payload_b64, a bare structured event, or, when it is neither, the line as a payload.
// `read_at` is the store time of what carries none. Never fails: what is wrong is for decode().
//
// A bare event and an envelope without `subject` get the subject their type asks for. A type that
// is no status type of DCM asks for none: such a message is bad_type, so that its subject, which
// nobody sent, must not be found faulty first; it is kForeignSubject.
[[nodiscard]] Message message_from_line(std::string_view line, Instant read_at);

inline constexpr std::string_view kForeignSubject = "dcm.unknown";

// The line decode() would read back: an envelope with everything the message has but its stream; a
// message that no broker stored yet has no store time.
// Bytes of a subject or a header that are no UTF-8 are written %NN.
[[nodiscard]] std::string line_from_message(const Message& message);

}  // namespace dcm::consumer
