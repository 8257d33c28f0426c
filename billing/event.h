#pragma once

#include "base/instant.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dcm::billing {

// Why a message was rejected; spelled as in JSON and SQL (domain.md section 1).
enum class Reason {
    payload_too_large,
    batch_unsupported,
    unsupported_content_type,
    not_utf8,
    bad_json,
    duplicate_key,
    too_deep,
    not_an_event,
    too_many_attributes,
    bad_attribute,
    missing_attribute,
    unsupported_specversion,
    bad_time,
    bad_subject,
    bad_type,
    subject_mismatch,
    bad_data,
    bad_instance_id,
    missing_instance_id,
    missing_status,
    unknown_status,
    id_reused,
};
[[nodiscard]] std::string_view reason_name(Reason reason);

enum class Verdict { accepted, duplicate, rejected };
[[nodiscard]] std::string_view verdict_name(Verdict verdict);

enum class TimeSource { event, store };
[[nodiscard]] std::string_view time_source_name(TimeSource source);

// Flags a record carries, in the order they are printed (sorted).
struct Flags {
    bool source_not_uri = false;
    bool time_absent = false;
    bool time_clamped = false;

    bool operator==(const Flags&) const = default;
    [[nodiscard]] std::vector<std::string_view> names() const;
};

// A message that passed rules 1–6: a status report of one instance.
struct StatusEvent {
    std::string source;
    std::string id;
    std::string service_type;
    std::string instance;
    std::string provider;
    std::string word;    // trimmed and upper-cased, before aliases
    std::string status;  // aliases resolved
    Instant time;
    TimeSource time_source = TimeSource::event;
    Flags flags;
};

// A message that failed a rule. What was understood before the failing rule, and is itself without
// fault, is kept for the record; the rest is absent.
struct Rejection {
    Reason reason = Reason::bad_json;
    std::string detail;  // what was expected, what came; never the payload
    std::optional<std::string> source;
    std::optional<std::string> id;
    std::optional<std::string> service_type;  // of the NATS subject, when rule 5 passed
    std::optional<std::string> instance;
    std::optional<std::string> word;
    std::optional<Instant> time;  // the event time, when the attributes passed
    std::optional<TimeSource> time_source;
    Flags flags;
};

// What rules 1–6 decide about one message. Rule 7 (identity) is the store's.
using Decision = std::variant<StatusEvent, Rejection>;

}  // namespace dcm::billing
