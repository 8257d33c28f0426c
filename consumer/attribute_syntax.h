#pragma once

#include <string_view>

namespace dcm::consumer {

// `[a-z0-9]+`, the name of a CloudEvents attribute.
[[nodiscard]] bool is_attribute_name(std::string_view name);

// The service type, `[a-z0-9][a-z0-9_-]{0,62}`, in a NATS subject `dcm.<service type>` and in an
// event's type `dcm.status.<service type>`; empty when the text is no such thing.
[[nodiscard]] std::string_view service_type_of_subject(std::string_view subject);
[[nodiscard]] std::string_view service_type_of_type(std::string_view type);

// Whether UTF-8 text may stand in an attribute: no U+0000–001F, no U+007F–009F, no noncharacter.
[[nodiscard]] bool is_attribute_text(std::string_view text);

// RFC 3986 section 4.1: a URI or a relative reference.
[[nodiscard]] bool is_uri_reference(std::string_view text);

// RFC 3986 section 3: with a scheme; a fragment is allowed.
[[nodiscard]] bool is_absolute_uri(std::string_view text);

// RFC 9110 section 8.3.1: `type/subtype`, then parameters.
[[nodiscard]] bool is_media_type(std::string_view text);

// Whether a media type says JSON: application/json, text/json or */*+json, in any case, whatever
// its parameters.
[[nodiscard]] bool is_json_media_type(std::string_view media_type);

// ASCII letters compare without case; every other byte as it is.
[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right);

[[nodiscard]] constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace dcm::consumer
