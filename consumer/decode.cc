#include "consumer/decode.h"

#include "consumer/attribute_syntax.h"
#include "consumer/binary_mode.h"
#include "consumer/envelope.h"
#include "consumer/fault.h"
#include "consumer/json_text.h"
#include "consumer/status_data.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace dcm::consumer {
namespace {

using billing::Reason;
using billing::Rejection;
using billing::StatusEvent;

std::optional<std::string> present(std::string&& text) {
    if (text.empty()) return std::nullopt;
    return std::move(text);
}

// A refusal that keeps what was understood: parts not reached are still empty.
Rejection reject(StatusEvent&& event, Fault&& fault) {
    Rejection rejection;
    rejection.reason = fault.reason;
    rejection.detail = std::move(fault.detail);
    if (event.source.empty()) return rejection;
    rejection.source = std::move(event.source);
    rejection.id = std::move(event.id);
    rejection.service_type = present(std::move(event.service_type));
    rejection.instance = present(std::move(event.instance));
    rejection.word = present(std::move(event.word));
    rejection.time = event.time;
    rejection.time_source = event.time_source;
    rejection.flags = event.flags;
    return rejection;
}

void keep_attributes(StatusEvent& event, const Attributes& attributes) {
    event.source = attributes.source;
    event.id = attributes.id;
    event.flags.source_not_uri = !attributes.source_is_uri;
}

void choose_time(StatusEvent& event,
                 const std::optional<Instant>& time,
                 Instant store_time,
                 const DecodeLimits& limits) {
    const bool clamped =
        time && (*time < limits.earliest_time || *time - store_time > limits.clock_skew_max);
    const bool from_event = time && !clamped;
    event.time = from_event ? *time : store_time;
    event.time_source = from_event ? billing::TimeSource::event : billing::TimeSource::store;
    event.flags.time_absent = !time;
    event.flags.time_clamped = clamped;
}

// Rule 5; the service type when it passes.
std::variant<std::string_view, Fault> route(const std::string& subject,
                                            const Attributes& attributes) {
    const std::string_view by_subject = service_type_of_subject(subject);
    if (by_subject.empty()) {
        return Fault{
            .reason = Reason::bad_subject,
            .detail = "expected the NATS subject dcm.<service type>, got " + excerpt(subject)};
    }
    const std::string_view by_type = service_type_of_type(attributes.type);
    if (by_type.empty()) {
        return Fault{.reason = Reason::bad_type,
                     .detail = "expected the type dcm.status.<service type>, got " +
                               excerpt(attributes.type)};
    }
    if (by_type != by_subject) {
        return Fault{.reason = Reason::subject_mismatch,
                     .detail = "expected one service type, got " + excerpt(by_subject) +
                               " in the subject and " + excerpt(by_type) + " in the type"};
    }
    return by_subject;
}

Fault unknown_status(const StatusEvent& event) {
    return {.reason = Reason::unknown_status,
            .detail = "expected a status of " + excerpt(event.service_type) + ", got " +
                      excerpt(event.word)};
}

}  // namespace

billing::Decision decode(const Message& message,
                         const rules::Lifecycle& lifecycle,
                         const DecodeLimits& limits) {
    StatusEvent event;
    if (message.payload.size() > limits.payload_bytes_max) {
        return reject(std::move(event),
                      {.reason = Reason::payload_too_large,
                       .detail = "expected at most " + std::to_string(limits.payload_bytes_max) +
                                 " bytes, got " + std::to_string(message.payload.size())});
    }
    auto read = read_envelope(message);
    if (auto* const fault = std::get_if<Fault>(&read)) {
        return reject(std::move(event), std::move(*fault));
    }
    auto& envelope = std::get<Envelope>(read);
    auto judged = judge_attributes(envelope);
    if (auto* const fault = std::get_if<Fault>(&judged)) {
        return reject(std::move(event), std::move(*fault));
    }
    const auto& attributes = std::get<Attributes>(judged);
    keep_attributes(event, attributes);
    choose_time(event, attributes.time, message.store_time, limits);
    auto routed = route(message.subject, attributes);
    if (auto* const fault = std::get_if<Fault>(&routed)) {
        return reject(std::move(event), std::move(*fault));
    }
    event.service_type = std::get<std::string_view>(routed);
    StatusReport report = judge_data(envelope, attributes);
    event.instance = report.instance;
    if (report.fault) return reject(std::move(event), std::move(*report.fault));
    event.word = std::move(report.word);
    const auto status = lifecycle.status_of(event.service_type, event.word);
    if (!status) {
        Fault fault = unknown_status(event);
        return reject(std::move(event), std::move(fault));
    }
    event.status = *status;
    event.provider = lifecycle.provider_of(event.source);
    return event;
}

}  // namespace dcm::consumer
