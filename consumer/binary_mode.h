#pragma once

#include "base/message.h"
#include "consumer/envelope.h"
#include "consumer/fault.h"

#include <string_view>
#include <variant>

namespace dcm::consumer {

// Where a message keeps its attributes: in the payload beside the data, or in headers.
enum class ContentMode { structured, binary };

// Rule 2.
[[nodiscard]] std::variant<ContentMode, Fault> content_mode(const Message& message);

// Rule 3 for a message in binary mode: the attributes first, in the order of the headers, then the
// payload.
[[nodiscard]] std::variant<Envelope, Fault> read_binary(const Message& message);

// Rules 2 and 3.
[[nodiscard]] std::variant<Envelope, Fault> read_envelope(const Message& message);

}  // namespace dcm::consumer
