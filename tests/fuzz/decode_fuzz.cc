// Two decoders that share nothing decide alike, down to the last field: the product's, which makes
// one pass over the payload, and one that follows domain.md rule by rule over a tree.
//
// Input: the NATS subject in a line, headers as `name: value` lines, an empty line, the payload.

#include "consumer/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reference_decode.h"

#include <cstdio>
#include <string>
#include <variant>

namespace dcm::fuzz {
namespace {

constexpr Instant kStored{1'788'264'000LL * kMicrosPerSecond};  // 2026-09-01T12:00:00Z

Message message_of(std::string_view bytes) {
    Input input(bytes);
    Message message;
    message.subject = input.line();
    while (!input.empty()) {
        const std::string_view line = input.line();
        if (line.empty()) break;
        const std::size_t colon = line.find(": ");
        const std::string_view value =
            colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 2);
        message.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    }
    message.payload = input.rest();
    message.store_time = kStored;
    return message;
}

void add(std::string& text, const std::optional<std::string>& field) {
    text += ' ' + (field ? std::to_string(field->size()) + ':' + *field : std::string("-"));
}

void add(std::string& text, const billing::Flags& flags) {
    for (const std::string_view name : flags.names()) {
        text += ' ' + std::string(name);
    }
}

// Everything that is decided but the words of the detail.
std::string shown(const billing::Decision& decision) {
    std::string text;
    if (const auto* const event = std::get_if<billing::StatusEvent>(&decision)) {
        text = "accepted";
        for (const std::string& field : {event->source,
                                         event->id,
                                         event->service_type,
                                         event->instance,
                                         event->provider,
                                         event->word,
                                         event->status}) {
            add(text, field);
        }
        text += ' ' + std::to_string(event->time.micros) + ' ';
        text += billing::time_source_name(event->time_source);
        add(text, event->flags);
        return text;
    }
    const auto& rejection = std::get<billing::Rejection>(decision);
    text = billing::reason_name(rejection.reason);
    for (const auto& field : {rejection.source,
                              rejection.id,
                              rejection.service_type,
                              rejection.instance,
                              rejection.word}) {
        add(text, field);
    }
    text += rejection.time ? ' ' + std::to_string(rejection.time->micros) : " -";
    text += ' ';
    text += rejection.time_source ? billing::time_source_name(*rejection.time_source) : "-";
    add(text, rejection.flags);
    return text;
}

}  // namespace

void examine(std::string_view bytes) {
    static const rules::Lifecycle lifecycle = rules::standard_lifecycle();
    const consumer::DecodeLimits limits{.payload_bytes_max = 32'768};
    const Message message = message_of(bytes);
    const billing::Decision decision = consumer::decode(message, lifecycle, limits);
    const std::string product = shown(decision);
    const std::string reference = shown(decide(message, limits));
    if (product != reference) {
        static_cast<void>(std::fprintf(
            stderr, "product:   %s\nreference: %s\n", product.c_str(), reference.c_str()));
    }
    DCM_CHECK(product == reference);
    if (const auto* const rejection = std::get_if<billing::Rejection>(&decision)) {
        DCM_CHECK(!rejection->detail.empty());
    }
}

}  // namespace dcm::fuzz
