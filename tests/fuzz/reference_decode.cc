#include "tests/fuzz/reference_decode.h"

#include "tests/fuzz/reference_json.h"
#include "tests/fuzz/reference_syntax.h"
#include "tests/fuzz/reference_words.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace dcm::fuzz {
namespace {

using billing::Reason;
using billing::Rejection;
using billing::StatusEvent;

constexpr std::size_t kMembersMax = 256;
constexpr std::size_t kAttributeMax = 16'384;

// A rule that is not met.
struct Broken {
    Reason reason;
};

[[noreturn]] void refuse(Reason reason) {
    throw Broken{reason};
}

std::optional<std::string> find_header(const Message& message, std::string_view name) {
    for (const Header& header : message.headers) {
        if (lower(header.name) == name) return header.value;
    }
    return std::nullopt;
}

bool is_integer_of_32_bits(const Json& value) {
    if (value.is_number_unsigned()) return value.get<std::uint64_t>() <= 2'147'483'647U;
    return value.is_number_integer() && value.get<std::int64_t>() >= -2'147'483'648LL;
}

// Member by member what is understood of one message; a rule that is not met ends it.
class Decider {
public:
    Decider(const Message& message, const consumer::DecodeLimits& limits)
        : message_(message), limits_(limits) {}

    [[nodiscard]] StatusEvent run() {
        if (message_.payload.size() > limits_.payload_bytes_max) refuse(Reason::payload_too_large);
        if (is_binary()) {
            read_headers();
            data_ = read(message_.payload, kNoMemberLimit);
        } else {
            attributes_ = read(message_.payload, kMembersMax);
        }
        judge_attributes();
        route();
        judge_data();
        return event_;
    }

    [[nodiscard]] Rejection reject(Reason reason) const {
        Rejection rejection;
        rejection.reason = reason;
        if (event_.source.empty()) return rejection;
        const auto present = [](const std::string& text) {
            return text.empty() ? std::nullopt : std::optional(text);
        };
        rejection.source = event_.source;
        rejection.id = event_.id;
        rejection.service_type = present(event_.service_type);
        rejection.instance = present(event_.instance);
        rejection.word = present(event_.word);
        rejection.time = event_.time;
        rejection.time_source = event_.time_source;
        rejection.flags = event_.flags;
        return rejection;
    }

private:
    // Rule 2.
    [[nodiscard]] bool is_binary() const {
        constexpr std::string_view events = "application/cloudevents";
        const std::string type = lower(find_header(message_, "content-type").value_or(""));
        if (type.starts_with(events)) {
            const std::string rest = type.substr(events.size());
            if (rest.starts_with("-batch")) refuse(Reason::batch_unsupported);
            const std::string suffix = rest.substr(0, rest.find_first_of("; \t"));
            if (suffix.empty() || suffix == "+json") return false;
            if (suffix.starts_with("+")) refuse(Reason::unsupported_content_type);
        }
        return find_header(message_, "ce-specversion").has_value();
    }

    // Rule 3.
    static Json read(std::string_view text, std::size_t members_max) {
        auto read = read_object(text, members_max);
        if (const auto* const reason = std::get_if<Reason>(&read)) refuse(*reason);
        return std::get<Json>(std::move(read));
    }

    static std::string without_quotes(const std::string& value) {
        if (!value.starts_with('"')) return value;
        std::string text;
        for (std::size_t i = 1; i < value.size(); ++i) {
            if (value[i] == '"') return i + 1 == value.size() ? text : value;
            if (value[i] == '\\' && i + 1 < value.size()) ++i;
            text += value[i];
        }
        return value;
    }

    static std::string without_escapes(const std::string& value) {
        std::string text;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (value[i] != '%') {
                text += value[i];
                continue;
            }
            const std::string digits = lower(value.substr(i + 1, 2));
            if (digits.size() != 2 || !consists_only_of(digits, "0123456789abcdef")) return value;
            text += static_cast<char>(std::stoi(digits, nullptr, 16));
            i += 2;
        }
        return text;
    }

    void read_headers() {
        attributes_ = Json::object();
        for (const Header& header : message_.headers) {
            std::string name = lower(header.name);
            if (!name.starts_with("ce-")) continue;
            name.erase(0, 3);
            if (name == "data" || name == "data_base64") refuse(Reason::bad_attribute);
            // Names are compared as bytes here: the writer may not see one that is no UTF-8.
            if (attributes_.contains(name)) refuse(Reason::duplicate_key);
            const std::string value = without_escapes(without_quotes(header.value));
            if (!is_utf8_text(value)) refuse(Reason::not_utf8);
            attributes_[name] = value;
        }
        const auto content_type = find_header(message_, "content-type");
        if (content_type && !attributes_.contains("datacontenttype")) {
            if (!is_utf8_text(*content_type)) refuse(Reason::not_utf8);
            attributes_["datacontenttype"] = *content_type;
        }
    }

    // The attribute, unless it is absent or null.
    [[nodiscard]] const Json* find(const std::string& name) const {
        const auto found = attributes_.find(name);
        return found == attributes_.end() || found->is_null() ? nullptr : &*found;
    }

    [[nodiscard]] std::string text_of(const std::string& name) const {
        const Json* const value = find(name);
        return value == nullptr ? "" : value->get<std::string>();
    }

    // Rule 4.
    void judge_attributes() {
        constexpr std::array required{"specversion", "id", "source", "type"};
        for (const char* const name : required) {
            const Json* const value = find(name);
            if (value == nullptr) refuse(Reason::missing_attribute);
            if (!value->is_string() || text_of(name).empty()) refuse(Reason::bad_attribute);
        }
        if (text_of("specversion") != "1.0") refuse(Reason::unsupported_specversion);
        for (const auto& [name, value] : attributes_.items()) {
            const bool is_data = !is_binary() && (name == "data" || name == "data_base64");
            if (!value.is_null() && !is_data) judge_attribute(name, value);
        }
        std::optional<Instant> time;
        if (const Json* const value = find("time")) {
            if (value->is_string()) time = read_time(text_of("time"));
            if (!time) refuse(Reason::bad_time);
        }
        event_.source = text_of("source");
        event_.id = text_of("id");
        event_.flags.source_not_uri = !is_reference(event_.source);
        choose_time(time);
    }

    static void judge_attribute(const std::string& name, const Json& value) {
        if (!consists_only_of(name, kLowerAlphanumerics)) refuse(Reason::bad_attribute);
        if (value.is_string()) {
            const auto text = value.get<std::string>();
            const bool is_good = text.size() <= kAttributeMax && is_clean_text(text) &&
                                 (name != "subject" || !text.empty()) &&
                                 (name != "datacontenttype" || is_media_type_text(text)) &&
                                 (name != "dataschema" || is_uri_with_scheme(text));
            if (!is_good) refuse(Reason::bad_attribute);
        } else if (name != "time") {
            const bool is_text_only =
                name == "subject" || name == "datacontenttype" || name == "dataschema";
            if (is_text_only || (!value.is_boolean() && !is_integer_of_32_bits(value))) {
                refuse(Reason::bad_attribute);
            }
        }
    }

    void choose_time(std::optional<Instant> time) {
        event_.flags.time_absent = !time;
        event_.flags.time_clamped =
            time && (*time < limits_.earliest_time ||
                     time->micros - message_.store_time.micros > limits_.clock_skew_max.micros);
        const bool is_own = time && !event_.flags.time_clamped;
        event_.time = is_own ? *time : message_.store_time;
        event_.time_source = is_own ? billing::TimeSource::event : billing::TimeSource::store;
    }

    static std::string service_type_of(const std::string& text,
                                       const std::string& prefix,
                                       Reason reason) {
        if (!text.starts_with(prefix)) refuse(reason);
        std::string name = text.substr(prefix.size());
        const std::string allowed = std::string(kLowerAlphanumerics) + "_-";
        if (name.size() > 63 || !consists_only_of(name, allowed) ||
            !consists_only_of(name.substr(0, 1), kLowerAlphanumerics)) {
            refuse(reason);
        }
        return name;
    }

    // Rule 5.
    void route() {
        const std::string by_subject =
            service_type_of(message_.subject, "dcm.", Reason::bad_subject);
        if (service_type_of(text_of("type"), "dcm.status.", Reason::bad_type) != by_subject) {
            refuse(Reason::subject_mismatch);
        }
        event_.service_type = by_subject;
    }

    // Rule 6.
    void judge_data() {
        const Json data = data_object();
        std::map<std::string, Json> members;
        for (const auto& [name, value] : data.items()) {
            if (!members.emplace(lower(name), value).second) refuse(Reason::duplicate_key);
        }
        event_.instance = instance_of(members["id"]);
        const Json& status = members["status"];
        if (!status.is_string() || status.get<std::string>().empty()) {
            refuse(Reason::missing_status);
        }
        look_up(upper(trimmed(status.get<std::string>())));
        event_.provider = provider_of(event_.source);
    }

    [[nodiscard]] Json data_object() const {
        if (find("datacontenttype") != nullptr && !is_json(text_of("datacontenttype"))) {
            refuse(Reason::bad_data);
        }
        if (is_binary()) return data_;
        const Json* const plain = find("data");
        const Json* const encoded = find("data_base64");
        if ((plain == nullptr) == (encoded == nullptr)) refuse(Reason::bad_data);
        if (encoded != nullptr) return decoded(*encoded);
        if (!plain->is_object()) refuse(Reason::bad_data);
        return *plain;
    }

    static Json decoded(const Json& encoded) {
        const auto bytes =
            encoded.is_string() ? read_base64(encoded.get<std::string>()) : std::nullopt;
        if (!bytes) refuse(Reason::bad_data);
        auto read = read_object(*bytes, kNoMemberLimit);
        if (!std::holds_alternative<Json>(read)) refuse(Reason::bad_data);
        return std::get<Json>(std::move(read));
    }

    static bool is_json(const std::string& media_type) {
        const std::string type = lower(media_type.substr(0, media_type.find_first_of("; \t")));
        return type == "application/json" || type == "text/json" || type.ends_with("+json");
    }

    [[nodiscard]] std::string instance_of(const Json& id) const {
        const auto fits = [](const std::string& text) {
            const std::string allowed = std::string(kLowerAlphanumerics) + "._-";
            return consists_only_of(lower(text), allowed) && text.size() <= 253;
        };
        if (id.is_null()) {
            std::string subject = text_of("subject");
            if (!fits(subject) || subject.starts_with("dcm.")) refuse(Reason::missing_instance_id);
            return subject;
        }
        if (!id.is_string() || !fits(id.get<std::string>())) refuse(Reason::bad_instance_id);
        return id.get<std::string>();
    }

    static std::string trimmed(std::string text) {
        constexpr const char* space = " \t\n\v\f\r";
        text.erase(text.find_last_not_of(space) + 1);
        text.erase(0, std::min(text.find_first_not_of(space), text.size()));
        return text;
    }

    void look_up(const std::string& word) {
        event_.word = word;
        const auto service = lifecycle_words().find(event_.service_type);
        if (service != lifecycle_words().end()) {
            const auto known = service->second.find(word);
            if (known == service->second.end()) refuse(Reason::unknown_status);
            event_.status = known->second;
        } else {
            const bool is_known = std::any_of(
                lifecycle_words().begin(), lifecycle_words().end(), [&](const auto& each) {
                    return each.second.contains(word);
                });
            if (!is_known) refuse(Reason::unknown_status);
            event_.status = word;
        }
    }

    static std::string provider_of(const std::string& source) {
        for (const std::string prefix : {"dcm/providers/", "/dcm/providers/"}) {
            if (source.starts_with(prefix)) {
                std::string name = source.substr(prefix.size());
                if (!name.empty() && name.find('/') == std::string::npos) return name;
            }
        }
        return source;
    }

    const Message& message_;
    const consumer::DecodeLimits& limits_;
    Json attributes_;  // of a structured message the whole document
    Json data_;        // of a binary one
    StatusEvent event_;
};

}  // namespace

billing::Decision decide(const Message& message, const consumer::DecodeLimits& limits) {
    Decider decider(message, limits);
    try {
        return decider.run();
    } catch (const Broken& broken) {
        return decider.reject(broken.reason);
    }
}

}  // namespace dcm::fuzz
