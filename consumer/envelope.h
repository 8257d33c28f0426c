#pragma once

#include "base/instant.h"
#include "consumer/fault.h"
#include "consumer/json_reader.h"
#include "consumer/status_data.h"

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace dcm::consumer {

struct Attribute {
    std::string_view name;
    JsonValue value;
};

// A message after rules 1–3: its attributes, not judged yet, and what its data holds. Views point
// into the message or into `texts`.
struct Envelope {
    TextPool texts;
    // In reading order; those that are null are left out.
    std::vector<Attribute> attributes;
    // Absent when there is no member `data`, or it is null.
    std::optional<StatusData> data;
    // The member `data_base64` unless it is null.
    std::optional<JsonValue> data_base64;
};

// Rule 3 for a structured message.
[[nodiscard]] std::variant<Envelope, Fault> read_structured(std::string_view payload);

// The attributes after rule 4; they point where the envelope's do.
struct Attributes {
    std::string_view source;
    std::string_view id;
    std::string_view type;
    std::optional<std::string_view> subject;
    std::optional<std::string_view> datacontenttype;
    std::optional<Instant> time;
    bool source_is_uri = true;
};

// Rule 4.
[[nodiscard]] std::variant<Attributes, Fault> judge_attributes(const Envelope& envelope);

// What a whole payload must be before its JSON is read: UTF-8 without a byte order mark, not empty.
[[nodiscard]] std::optional<Fault> judge_payload_bytes(std::string_view payload);

// The fault of a payload whose first token is not the beginning of an object.
[[nodiscard]] Fault not_an_object(const JsonReader& reader, JsonToken first);

}  // namespace dcm::consumer
