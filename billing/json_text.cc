#include "billing/json_text.h"

#include "base/encoding.h"

#include <algorithm>

namespace dcm::billing {
namespace {

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

bool is_escaped(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < kFirstPrintable;
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    // Almost no text holds anything to escape.
    if (std::none_of(text.begin(), text.end(), is_escaped)) {
        out += text;
    } else {
        for (const char c : text) {
            append_escaped(out, c);
        }
    }
    out += '"';
}

}  // namespace

std::string json_string(std::string_view text) {
    std::string out;
    append_string(out, text);
    return out;
}

void JsonObject::add(std::string_view name, std::string_view text) {
    append_string(begin_member(name), text);
}

void JsonObject::add_or_null(std::string_view name, std::optional<std::string_view> text) {
    if (text.has_value()) {
        append_string(begin_member(name), *text);
    } else {
        begin_member(name) += "null";
    }
}

void JsonObject::add_json(std::string_view name, const std::string& json) {
    begin_member(name) += json;
}

std::string& JsonObject::begin_member(std::string_view name) {
    text_ += text_.size() > 1 ? "," : "";
    append_string(text_, name);
    return text_ += ':';
}

}  // namespace dcm::billing
