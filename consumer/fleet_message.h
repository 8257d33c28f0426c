#pragma once

#include "base/instant.h"
#include "base/message.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcm::consumer {

// What a provider tells of an instance. No text of it needs escaping in JSON.
struct StatusText {
    std::string event_id;
    std::string source;
    std::string service_type;
    std::string instance;
    std::string status;  // empty: none yet, the message has no status
    Instant time;
};

// The event as DCM's publishers send it: structured JSON, no headers.
[[nodiscard]] Message structured_message(const StatusText& text);
// The same in binary mode: attributes in `ce-` headers, the data as payload.
[[nodiscard]] Message binary_message(const StatusText& text);

// `Running` of `RUNNING`.
[[nodiscard]] std::string title_case(std::string_view status);

inline constexpr std::int64_t kSpoilings = 6;
// Makes a message one that is rejected, in one of kSpoilings ways.
void spoil(Message& message, std::int64_t way);

}  // namespace dcm::consumer
