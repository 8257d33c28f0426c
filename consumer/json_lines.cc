#include "consumer/json_lines.h"

#include "base/encoding.h"
#include "base/instant.h"
#include "consumer/attribute_syntax.h"
#include "consumer/binary_mode.h"
#include "consumer/envelope.h"
#include "consumer/json_reader.h"
#include "consumer/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace dcm::consumer {
namespace {

constexpr std::string_view kFileStream = "file";
constexpr std::int64_t kMicrosMax = std::numeric_limits<std::int64_t>::max() / kNanosPerMicro;
constexpr std::size_t kMicroDigits = 6;
constexpr std::size_t kNanoDigits = 9;

// What a line holds, not interpreted yet; a member that is null is absent.
struct Line {
    bool is_object = false;
    bool has_specversion = false;
    std::optional<JsonValue> subject;
    std::vector<Header> headers;
    std::optional<std::string_view> payload;
    std::optional<JsonValue> payload_b64;
    JsonValue stream_seq;
    JsonValue store_time;
};

void read_header_values(JsonReader& reader, JsonToken first, std::vector<Header>& headers) {
    const std::string name(reader.name());
    if (first != JsonToken::begin_array) {
        if (first != JsonToken::null_value) {
            headers.push_back({.name = name, .value = std::string(reader.value_from(first).text)});
        }
        return;
    }
    for (JsonToken token = reader.next();
         token != JsonToken::end_array && token != JsonToken::fault;
         token = reader.next()) {
        headers.push_back({.name = name, .value = std::string(reader.value_from(token).text)});
    }
}

std::vector<Header> read_headers(JsonReader& reader, JsonToken first) {
    std::vector<Header> headers;
    if (first != JsonToken::begin_object) {
        static_cast<void>(reader.value_from(first));  // no headers; only its faults matter
        return headers;
    }
    while (reader.next() == JsonToken::name) {
        const JsonToken value = reader.next();
        read_header_values(reader, value, headers);
    }
    return headers;
}

void read_member(JsonReader& reader, Line& line) {
    const std::string_view name = reader.name();
    const JsonToken first = reader.next();
    if (name == "headers") {
        line.headers = read_headers(reader, first);
        return;
    }
    const JsonValue value = reader.value_from(first);
    if (name == "specversion") {
        line.has_specversion = true;
    } else if (value.kind == JsonKind::null) {
        return;
    } else if (name == "subject") {
        line.subject = value;
    } else if (name == "payload" && value.kind == JsonKind::string) {
        line.payload = value.text;
    } else if (name == "payload_b64") {
        line.payload_b64 = value;
    } else if (name == "stream_seq") {
        line.stream_seq = value;
    } else if (name == "store_time") {
        line.store_time = value;
    }
}

Line read_line(std::string_view text, TextPool& pool) {
    Line line;
    if (!is_utf8(text)) return line;
    JsonReader reader(text, pool);
    if (reader.next() != JsonToken::begin_object) return line;
    while (reader.next() == JsonToken::name) {
        read_member(reader, line);
    }
    if (reader.next() != JsonToken::end_of_text) return Line{};
    line.is_object = true;
    return line;
}

// The subject of a message that came without one: see the header.
std::string derived_subject(const Message& message) {
    const auto read = read_envelope(message);
    if (const auto* const envelope = std::get_if<Envelope>(&read)) {
        const auto type =
            std::find_if(envelope->attributes.begin(),
                         envelope->attributes.end(),
                         [](const Attribute& attribute) { return attribute.name == "type"; });
        const std::string_view service_type = type == envelope->attributes.end()
                                                  ? std::string_view{}
                                                  : service_type_of_type(type->value.text);
        if (!service_type.empty()) return "dcm." + std::string(service_type);
    }
    return std::string(kForeignSubject);
}

std::string payload_of(const Line& line, std::string_view text) {
    if (!line.payload_b64) return std::string(*line.payload);
    if (line.payload_b64->kind == JsonKind::string) {
        if (auto bytes = base64_decode(line.payload_b64->text)) return std::move(*bytes);
    }
    return std::string(text);
}

std::optional<std::int64_t> sequence_of(const JsonValue& value) {
    std::int64_t sequence = 0;
    if (value.kind != JsonKind::integer) return std::nullopt;
    const char* const end = value.text.data() + value.text.size();
    const auto parsed = std::from_chars(value.text.data(), end, sequence);
    if (parsed.ec != std::errc{} || parsed.ptr != end || sequence < 0) return std::nullopt;
    return sequence;
}

// The nanoseconds an RFC 3339 time has beyond its whole microseconds.
std::int64_t nanos_beyond_micros(std::string_view time) {
    const std::size_t point = std::min(time.find('.'), time.size());
    std::int64_t nanos = 0;
    std::int64_t unit = kNanosPerMicro;
    for (std::size_t i = 1; i <= kNanoDigits; ++i) {
        if (point + i >= time.size() || time[point + i] < '0' || time[point + i] > '9') break;
        if (i <= kMicroDigits) continue;
        unit /= 10;
        nanos += (time[point + i] - '0') * unit;
    }
    return nanos;
}

// The nanoseconds since 1970, when 64 bits hold them.
std::optional<std::int64_t> stored_nanos(Instant at, std::string_view text) {
    if (at.micros >= kMicrosMax || at.micros <= -kMicrosMax) return std::nullopt;
    return at.micros * kNanosPerMicro + nanos_beyond_micros(text);
}

void take_position(Message& message, const Line& line) {
    const auto sequence = sequence_of(line.stream_seq);
    message.stream_seq = sequence.value_or(0);
    if (line.store_time.kind != JsonKind::string) return;
    const Result<Instant> stored = parse_rfc3339(line.store_time.text);
    if (!stored.ok()) return;
    message.store_time = stored.value();
    const auto nanos = stored_nanos(stored.value(), line.store_time.text);
    if (!sequence || !nanos) return;
    message.position = BrokerPosition{.stream = std::string(kFileStream),
                                      .created_ns = 0,
                                      .sequence = *sequence,
                                      .stored_ns = *nanos};
}

// Text with every byte that is no part of UTF-8 written %NN.
std::string readable(std::string_view text) {
    if (is_utf8(text)) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t size = 1;
        while (size < 4 && !is_utf8(text.substr(at, size))) {
            ++size;
        }
        if (is_utf8(text.substr(at, size))) {
            out.append(text.substr(at, size));
            at += size;
        } else {
            out.append("%").append(hex_encode(as_bytes(text.substr(at, 1))));
            ++at;
        }
    }
    return out;
}

void append_headers(std::string& out, const std::vector<Header>& headers) {
    std::vector<std::pair<std::string_view, std::vector<std::string_view>>> by_name;
    for (const Header& header : headers) {
        const auto known =
            std::find_if(by_name.begin(), by_name.end(), [&header](const auto& entry) {
                return entry.first == header.name;
            });
        auto& entry = known == by_name.end()
                          ? by_name.emplace_back(header.name, std::vector<std::string_view>{})
                          : *known;
        entry.second.push_back(header.value);
    }
    char separator = '{';
    for (const auto& entry : by_name) {
        out.push_back(separator);
        separator = ',';
        append_json_string(out, readable(entry.first));
        out.append(":[");
        for (std::size_t i = 0; i < entry.second.size(); ++i) {
            if (i > 0) out.push_back(',');
            append_json_string(out, readable(entry.second[i]));
        }
        out.push_back(']');
    }
    out.push_back('}');
}

}  // namespace

Message message_from_line(std::string_view line, Instant read_at) {
    Message message;
    message.store_time = read_at;
    TextPool pool;
    Line parts = read_line(line, pool);
    const bool is_envelope = parts.payload.has_value() || parts.payload_b64.has_value();
    if (!parts.is_object || parts.has_specversion || !is_envelope) {
        message.payload = line;
        message.subject = derived_subject(message);
        return message;
    }
    message.payload = payload_of(parts, line);
    message.headers = std::move(parts.headers);
    take_position(message, parts);
    if (!parts.subject) {
        message.subject = derived_subject(message);
    } else if (parts.subject->kind == JsonKind::string) {
        message.subject = parts.subject->text;
    }
    return message;
}

std::string line_from_message(const Message& message) {
    std::string out = "{\"subject\":";
    append_json_string(out, readable(message.subject));
    if (!message.headers.empty()) {
        out.append(",\"headers\":");
        append_headers(out, message.headers);
    }
    if (is_utf8(message.payload)) {
        out.append(",\"payload\":");
        append_json_string(out, message.payload);
    } else {
        out.append(",\"payload_b64\":");
        append_json_string(out, base64_encode(as_bytes(message.payload)));
    }
    if (message.stream_seq != 0) {
        out.append(",\"stream_seq\":").append(std::to_string(message.stream_seq));
    }
    if (message.store_time != Instant{}) {
        out.append(",\"store_time\":");
        append_json_string(out, format_rfc3339(message.store_time));
    }
    out.push_back('}');
    return out;
}

}  // namespace dcm::consumer
