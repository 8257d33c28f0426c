#include "consumer/envelope.h"

#include "base/encoding.h"
#include "consumer/attribute_syntax.h"
#include "consumer/decode.h"
#include "consumer/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

namespace dcm::consumer {
namespace {

using billing::Reason;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kUsualAttributes = 12;
constexpr std::array<std::string_view, 4> kRequired{"specversion", "id", "source", "type"};

Fault bad_attribute(std::string detail) {
    return {.reason = Reason::bad_attribute, .detail = std::move(detail)};
}

const JsonValue* find(const Envelope& envelope, std::string_view name) {
    const auto found = std::find_if(
        envelope.attributes.begin(), envelope.attributes.end(), [name](const Attribute& attribute) {
            return attribute.name == name;
        });
    return found == envelope.attributes.end() ? nullptr : &found->value;
}

std::optional<std::string_view> text_of(const Envelope& envelope, std::string_view name) {
    const JsonValue* const value = find(envelope, name);
    if (value == nullptr) return std::nullopt;
    return value->text;
}

bool is_required(std::string_view name) {
    return std::find(kRequired.begin(), kRequired.end(), name) != kRequired.end();
}

std::optional<Fault> judge_required(const Envelope& envelope) {
    for (const std::string_view name : kRequired) {
        const JsonValue* const value = find(envelope, name);
        if (value == nullptr) {
            return Fault{.reason = Reason::missing_attribute,
                         .detail = "expected the attribute " + std::string(name) + ", got none"};
        }
        if (value->kind != JsonKind::string || value->text.empty()) {
            return bad_attribute("expected a non-empty string in " + std::string(name) + ", got " +
                                 excerpt(value->text));
        }
    }
    const std::string_view version = find(envelope, "specversion")->text;
    if (version != "1.0") {
        return Fault{.reason = Reason::unsupported_specversion,
                     .detail = "expected specversion '1.0', got " + excerpt(version)};
    }
    return std::nullopt;
}

bool is_32_bit(std::string_view integer) {
    std::int32_t value = 0;
    const auto [end, error] =
        std::from_chars(integer.data(), integer.data() + integer.size(), value);
    return error == std::errc{} && end == integer.data() + integer.size();
}

bool is_extension_value(const JsonValue& value) {
    return value.kind == JsonKind::string || value.kind == JsonKind::boolean ||
           (value.kind == JsonKind::integer && is_32_bit(value.text));
}

std::optional<Fault> judge_string(const Attribute& attribute) {
    if (attribute.value.text.size() > kAttributeBytesMax) {
        return bad_attribute("expected at most 16384 bytes in " + excerpt(attribute.name) +
                             ", got " + std::to_string(attribute.value.text.size()));
    }
    if (!is_attribute_text(attribute.value.text)) {
        return bad_attribute("expected no control character and no noncharacter in " +
                             excerpt(attribute.name) + ", got " + excerpt(attribute.value.text));
    }
    return std::nullopt;
}

// What the attribute's own rule expects and does not find; empty when it is satisfied.
std::string_view unmet_expectation(const Attribute& attribute) {
    const JsonValue& value = attribute.value;
    const bool is_string = value.kind == JsonKind::string;
    if (attribute.name == "subject") {
        return is_string && !value.text.empty() ? "" : "a non-empty string";
    }
    if (attribute.name == "datacontenttype") {
        return is_string && is_media_type(value.text) ? "" : "a media type";
    }
    if (attribute.name == "dataschema") {
        return is_string && is_absolute_uri(value.text) ? "" : "an absolute URI";
    }
    // The required ones have been judged; of `time` anything but a string is bad_time.
    if (attribute.name == "time" || is_required(attribute.name)) return "";
    return is_extension_value(value) ? "" : "a string, a boolean or an integer of 32 bits";
}

std::optional<Fault> judge_attribute(const Attribute& attribute) {
    if (!is_attribute_name(attribute.name)) {
        return bad_attribute("expected a-z and 0-9 in an attribute's name, got " +
                             excerpt(attribute.name));
    }
    if (attribute.value.kind == JsonKind::string) {
        if (auto fault = judge_string(attribute)) return fault;
    }
    const std::string_view expected = unmet_expectation(attribute);
    if (expected.empty()) return std::nullopt;
    return bad_attribute("expected " + std::string(expected) + " in " + excerpt(attribute.name) +
                         ", got " + excerpt(attribute.value.text));
}

// The time's own error quotes the whole of what came: its expectation is kept, the text is cut.
Fault bad_time(const JsonValue& value, std::string_view why) {
    std::string detail(why.substr(0, why.find(", got ")));
    return {.reason = Reason::bad_time, .detail = detail + ", got " + excerpt(value.text)};
}

}  // namespace

std::variant<Envelope, Fault> read_structured(std::string_view payload) {
    if (auto fault = judge_payload_bytes(payload)) return std::move(*fault);
    Envelope envelope;
    envelope.attributes.reserve(kUsualAttributes);
    JsonReader reader(payload, envelope.texts);
    const JsonToken first = reader.next();
    if (first != JsonToken::begin_object) return not_an_object(reader, first);
    std::size_t members = 0;
    while (reader.next() == JsonToken::name) {
        if (++members > kEnvelopeMembersMax) {
            return Fault{.reason = Reason::too_many_attributes,
                         .detail = "expected at most 256 members in the envelope, got more"};
        }
        const std::string_view name = reader.name();
        const JsonToken begin = reader.next();
        if (name == "data" && begin != JsonToken::null_value) {
            envelope.data = read_status_data(reader, begin);
        } else if (name == "data_base64" && begin != JsonToken::null_value) {
            envelope.data_base64 = reader.value_from(begin);
        } else if (begin != JsonToken::null_value) {
            envelope.attributes.push_back({.name = name, .value = reader.value_from(begin)});
        }
    }
    if (reader.next() != JsonToken::end_of_text) return reader.fault();
    return envelope;
}

std::variant<Attributes, Fault> judge_attributes(const Envelope& envelope) {
    if (auto fault = judge_required(envelope)) return std::move(*fault);
    for (const Attribute& attribute : envelope.attributes) {
        if (auto fault = judge_attribute(attribute)) return std::move(*fault);
    }
    Attributes attributes{.source = find(envelope, "source")->text,
                          .id = find(envelope, "id")->text,
                          .type = find(envelope, "type")->text,
                          .subject = text_of(envelope, "subject"),
                          .datacontenttype = text_of(envelope, "datacontenttype"),
                          .time = std::nullopt};
    if (const JsonValue* const time = find(envelope, "time"); time != nullptr) {
        if (time->kind != JsonKind::string)
            return bad_time(*time, "expected an RFC 3339 time in a string");
        const Result<Instant> instant = parse_rfc3339(time->text);
        if (!instant.ok()) return bad_time(*time, instant.error().message);
        attributes.time = instant.value();
    }
    attributes.source_is_uri = is_uri_reference(attributes.source);
    return attributes;
}

std::optional<Fault> judge_payload_bytes(std::string_view payload) {
    if (!is_utf8(payload)) {
        return Fault{.reason = Reason::not_utf8, .detail = "expected UTF-8, got other bytes"};
    }
    if (payload.starts_with(kByteOrderMark)) {
        return Fault{.reason = Reason::not_utf8,
                     .detail = "expected UTF-8 without a byte order mark, got one"};
    }
    if (payload.empty()) {
        return Fault{.reason = Reason::not_an_event,
                     .detail = "expected a JSON object, got an empty payload"};
    }
    return std::nullopt;
}

Fault not_an_object(const JsonReader& reader, JsonToken first) {
    if (first == JsonToken::fault) return reader.fault();
    return {.reason = Reason::not_an_event,
            .detail = "expected a JSON object at the top level, got another value"};
}

}  // namespace dcm::consumer
