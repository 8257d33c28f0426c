#pragma once

#include "consumer/fault.h"
#include "consumer/json_reader.h"

#include <optional>
#include <string>
#include <string_view>

namespace dcm::consumer {

struct Attributes;
struct Envelope;

// What billing reads of `data`, before rule 6 has judged it.
struct StatusData {
    bool is_object = false;
    // Null when absent, as if the member said so.
    JsonValue id;
    JsonValue status;
    // A member name that differs from an earlier one only in the case of ASCII letters.
    std::optional<std::string_view> repeated_name;
};

// Reads the value `first` begins. The reader stands behind it afterwards, or at a fault.
[[nodiscard]] StatusData read_status_data(JsonReader& reader, JsonToken first);

// What rule 6 finds, up to the look-up of the status word.
struct StatusReport {
    std::string_view instance;  // empty until it is understood
    std::string word;           // trimmed and upper-cased; empty until it is understood
    std::optional<Fault> fault;
};

// Rule 6 without the lifecycle. The envelope keeps what had to be decoded for it.
[[nodiscard]] StatusReport judge_data(Envelope& envelope, const Attributes& attributes);

}  // namespace dcm::consumer
