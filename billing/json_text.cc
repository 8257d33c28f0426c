#include "billing/json_text.h"

#include <cstdint>

namespace dcm::billing {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr unsigned char kFirstPrintable = 0x20;

void append_escaped(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (byte < kFirstPrintable) {
        out += "\\u00";
        out += kHexDigits[byte / kHexDigits.size()];
        out += kHexDigits[byte % kHexDigits.size()];
    } else {
        out += c;
    }
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        append_escaped(out, c);
    }
    return out + '"';
}

void JsonObject::add(std::string_view name, std::string_view text) {
    add_json(name, json_string(text));
}

void JsonObject::add_or_null(std::string_view name, const std::optional<std::string>& text) {
    add_json(name, text.has_value() ? json_string(*text) : "null");
}

void JsonObject::add_json(std::string_view name, const std::string& json) {
    members_ += members_.empty() ? "" : ",";
    members_ += json_string(name) + ':';
    members_ += json;
}

}  // namespace dcm::billing
