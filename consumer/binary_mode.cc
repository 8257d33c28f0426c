#include "consumer/binary_mode.h"

#include "base/encoding.h"
#include "consumer/attribute_syntax.h"
#include "consumer/json_text.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace dcm::consumer {
namespace {

using billing::Reason;

constexpr std::string_view kPrefix = "ce-";
constexpr std::string_view kContentType = "Content-Type";
constexpr std::string_view kEventsType = "application/cloudevents";

const std::string* find_header(const Message& message, std::string_view name) {
    const auto found =
        std::find_if(message.headers.begin(), message.headers.end(), [name](const Header& header) {
            return equal_ignoring_case(header.name, name);
        });
    return found == message.headers.end() ? nullptr : &found->value;
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
    return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Resolves a quoted string; what is not wholly one stays as it is.
std::string unquoted(std::string_view value) {
    if (value.size() < 2 || value.front() != '"') return std::string(value);
    std::string text;
    for (std::size_t i = 1; i < value.size(); ++i) {
        if (value[i] == '"') {
            return i + 1 == value.size() ? text : std::string(value);
        }
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        text.push_back(value[i]);
    }
    return std::string(value);
}

// Decodes once; a malformed escape anywhere keeps the whole value as it is.
std::string percent_decoded(std::string value) {
    if (value.find('%') == std::string::npos) return value;
    std::string text;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '%') {
            text.push_back(value[i]);
            continue;
        }
        if (i + 2 >= value.size()) return value;
        const auto byte = hex_decode(std::string_view(value).substr(i + 1, 2));
        if (!byte) return value;
        text.append(*byte);
        i += 2;
    }
    return text;
}

Fault not_utf8(std::string_view header_name) {
    return {.reason = Reason::not_utf8,
            .detail = "expected UTF-8 in the header " + excerpt(header_name)};
}

// `ce-<name>` with its name in lower case, as header names compare without case.
std::optional<Fault> add_attribute(Envelope& envelope,
                                   std::set<std::string_view>& names,
                                   const Header& header) {
    std::string& name = envelope.texts.emplace_front(header.name.substr(kPrefix.size()));
    std::transform(name.begin(), name.end(), name.begin(), ascii_lower);
    if (name == "data" || name == "data_base64") {
        return Fault{.reason = Reason::bad_attribute,
                     .detail = "expected the data in the payload, got a header ce-" + name};
    }
    if (!names.insert(name).second) {
        return Fault{.reason = Reason::duplicate_key,
                     .detail = "expected every attribute once, got twice the header " +
                               excerpt(header.name)};
    }
    const std::string& value =
        envelope.texts.emplace_front(percent_decoded(unquoted(header.value)));
    if (!is_utf8(value)) return not_utf8(header.name);
    envelope.attributes.push_back(
        {.name = name, .value = {.kind = JsonKind::string, .text = value}});
    return std::nullopt;
}

std::optional<Fault> read_payload(Envelope& envelope, std::string_view payload) {
    if (auto fault = judge_payload_bytes(payload)) return fault;
    JsonReader reader(payload, envelope.texts);
    const JsonToken first = reader.next();
    if (first != JsonToken::begin_object) return not_an_object(reader, first);
    envelope.data = read_status_data(reader, first);
    if (reader.next() != JsonToken::end_of_text) return reader.fault();
    return std::nullopt;
}

}  // namespace

std::variant<ContentMode, Fault> content_mode(const Message& message) {
    const bool has_specversion = find_header(message, "ce-specversion") != nullptr;
    const auto by_headers = has_specversion ? ContentMode::binary : ContentMode::structured;
    const std::string* const content_type = find_header(message, kContentType);
    if (content_type == nullptr || !starts_ignoring_case(*content_type, kEventsType)) {
        return by_headers;
    }
    const std::string_view rest = std::string_view(*content_type).substr(kEventsType.size());
    if (starts_ignoring_case(rest, "-batch")) {
        return Fault{.reason = Reason::batch_unsupported,
                     .detail = "expected one event a message, got " + excerpt(*content_type)};
    }
    const std::string_view suffix = rest.substr(0, rest.find_first_of("; \t"));
    if (suffix.empty() || equal_ignoring_case(suffix, "+json")) return ContentMode::structured;
    if (suffix.front() != '+') return by_headers;  // a longer name: another media type
    return Fault{.reason = Reason::unsupported_content_type,
                 .detail = "expected application/cloudevents+json, got " + excerpt(*content_type)};
}

std::variant<Envelope, Fault> read_binary(const Message& message) {
    Envelope envelope;
    std::set<std::string_view> names;
    for (const Header& header : message.headers) {
        if (!starts_ignoring_case(header.name, kPrefix)) continue;
        if (auto fault = add_attribute(envelope, names, header)) return std::move(*fault);
    }
    const std::string* const content_type = find_header(message, kContentType);
    if (content_type != nullptr && names.insert("datacontenttype").second) {
        if (!is_utf8(*content_type)) return not_utf8(kContentType);
        envelope.attributes.push_back({.name = "datacontenttype",
                                       .value = {.kind = JsonKind::string, .text = *content_type}});
    }
    if (auto fault = read_payload(envelope, message.payload)) return std::move(*fault);
    return envelope;
}

std::variant<Envelope, Fault> read_envelope(const Message& message) {
    auto mode = content_mode(message);
    if (auto* const fault = std::get_if<Fault>(&mode)) return std::move(*fault);
    return std::get<ContentMode>(mode) == ContentMode::binary ? read_binary(message)
                                                              : read_structured(message.payload);
}

}  // namespace dcm::consumer
