#include "consumer/status_data.h"

#include "base/encoding.h"
#include "consumer/attribute_syntax.h"
#include "consumer/envelope.h"
#include "consumer/json_text.h"

#include <algorithm>
#include <vector>

namespace dcm::consumer {
namespace {

using billing::Reason;

constexpr std::size_t kUsualMembers = 8;
constexpr std::size_t kInstanceBytesMax = 253;
constexpr std::string_view kRoutingPrefix = "dcm.";
constexpr std::string_view kSpace = " \t\n\v\f\r";

bool less_ignoring_case(std::string_view left, std::string_view right) {
    return std::lexicographical_compare(
        left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
            return ascii_lower(a) < ascii_lower(b);
        });
}

std::optional<std::string_view> find_repeated(std::vector<std::string_view> names) {
    std::sort(names.begin(), names.end(), less_ignoring_case);
    const auto twice = std::adjacent_find(names.begin(), names.end(), equal_ignoring_case);
    if (twice == names.end()) return std::nullopt;
    return *twice;
}

bool is_instance_id(std::string_view text) {
    const auto is_allowed = [](char c) {
        return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= kInstanceBytesMax &&
           std::all_of(text.begin(), text.end(), is_allowed);
}

std::string to_word(std::string_view status) {
    const std::size_t begin = std::min(status.find_first_not_of(kSpace), status.size());
    const std::size_t end = status.find_last_not_of(kSpace) + 1;
    std::string word(status.substr(begin, end - begin));
    for (char& c : word) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return word;
}

Fault bad_data(std::string detail) {
    return {.reason = Reason::bad_data, .detail = std::move(detail)};
}

// Puts the object that `data_base64` holds in place of `data`.
std::optional<Fault> decode_data(Envelope& envelope) {
    const JsonValue& encoded = *envelope.data_base64;
    if (envelope.data) return bad_data("expected data or data_base64, got both");
    if (encoded.kind != JsonKind::string) {
        return bad_data("expected a string in data_base64, got " + excerpt(encoded.text));
    }
    std::optional<std::string> bytes = base64_decode(encoded.text);
    if (!bytes) return bad_data("expected base64 with padding in data_base64");
    const std::string_view text = envelope.texts.emplace_front(std::move(*bytes));
    if (const auto fault = judge_payload_bytes(text)) {
        return bad_data("in data_base64: " + fault->detail);
    }
    JsonReader reader(text, envelope.texts);
    const JsonToken first = reader.next();
    if (first != JsonToken::begin_object) {
        return bad_data("in data_base64: " + not_an_object(reader, first).detail);
    }
    envelope.data = read_status_data(reader, first);
    if (reader.next() != JsonToken::end_of_text) {
        return bad_data("in data_base64: " + reader.fault().detail);
    }
    return std::nullopt;
}

std::optional<Fault> judge_form(Envelope& envelope, const Attributes& attributes) {
    if (attributes.datacontenttype && !is_json_media_type(*attributes.datacontenttype)) {
        return bad_data("expected a JSON media type in datacontenttype, got " +
                        excerpt(*attributes.datacontenttype));
    }
    if (envelope.data_base64) {
        if (auto fault = decode_data(envelope)) return fault;
    }
    if (!envelope.data) return bad_data("expected data, got none");
    if (!envelope.data->is_object) return bad_data("expected an object in data");
    if (envelope.data->repeated_name) {
        return Fault{.reason = Reason::duplicate_key,
                     .detail = "expected names in data that differ in more than case, got twice " +
                               excerpt(*envelope.data->repeated_name)};
    }
    return std::nullopt;
}

std::optional<Fault> judge_instance(const StatusData& data, std::string_view subject) {
    if (data.id.kind == JsonKind::null) {
        if (is_instance_id(subject) && !subject.starts_with(kRoutingPrefix)) return std::nullopt;
        return Fault{.reason = Reason::missing_instance_id,
                     .detail = "expected data.id, or an instance id in subject, got neither"};
    }
    if (data.id.kind == JsonKind::string && is_instance_id(data.id.text)) return std::nullopt;
    return Fault{.reason = Reason::bad_instance_id,
                 .detail = "expected 1 to 253 of A-Z a-z 0-9 . _ - as data.id, got " +
                           excerpt(data.id.text)};
}

}  // namespace

StatusData read_status_data(JsonReader& reader, JsonToken first) {
    StatusData data;
    if (first != JsonToken::begin_object) {
        data.is_object = false;
        static_cast<void>(reader.value_from(first));  // only its faults matter
        return data;
    }
    data.is_object = true;
    std::vector<std::string_view> names;
    names.reserve(kUsualMembers);
    while (reader.next() == JsonToken::name) {
        names.push_back(reader.name());
        if (equal_ignoring_case(names.back(), "id")) {
            data.id = reader.value_from(reader.next());
        } else if (equal_ignoring_case(names.back(), "status")) {
            data.status = reader.value_from(reader.next());
        } else {
            reader.skip_value();
        }
    }
    data.repeated_name = find_repeated(std::move(names));
    return data;
}

StatusReport judge_data(Envelope& envelope, const Attributes& attributes) {
    StatusReport report;
    report.fault = judge_form(envelope, attributes);
    if (report.fault) return report;
    const StatusData& data = *envelope.data;
    const std::string_view subject = attributes.subject.value_or(std::string_view{});
    report.fault = judge_instance(data, subject);
    if (report.fault) return report;
    report.instance = data.id.kind == JsonKind::null ? subject : data.id.text;
    if (data.status.kind != JsonKind::string || data.status.text.empty()) {
        report.fault = Fault{.reason = Reason::missing_status,
                             .detail = "expected a word in data.status, got none"};
        return report;
    }
    report.word = to_word(data.status.text);
    return report;
}

}  // namespace dcm::consumer
