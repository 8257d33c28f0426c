#include "rules/document_writer.h"

#include <array>

namespace dcm::rules {
namespace {

// A text as a string of JSON, which is one of YAML as well.
std::string quoted_text(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        // A control character of Latin-1 has two bytes in UTF-8; a terminal may obey it.
        const bool is_latin_control = c == '\xC2' && i + 1 < text.size() && text[i + 1] < '\xA0';
        const auto byte = static_cast<unsigned char>(is_latin_control ? text[++i] : c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20U || byte == 0x7fU || is_latin_control) {
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 0xfU];
        } else {
            out += c;
        }
    }
    return out + '"';
}

// Whether YAML reads the bare text as this very text, wherever it stands.
bool is_plain(std::string_view text) {
    constexpr std::string_view first =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    constexpr std::string_view later =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./*%@+:";
    constexpr std::array<std::string_view, 4> nothing{"null", "Null", "NULL", "~"};
    for (const std::string_view word : nothing) {
        if (text == word) {
            return false;
        }
    }
    // A colon ends a key before a blank or the end of the line only.
    return !text.empty() && text.back() != ':' &&
           first.find(text.front()) != std::string_view::npos &&
           text.find_first_not_of(later) == std::string_view::npos;
}

std::string word_text(std::string_view text, DocumentStyle style) {
    return style == DocumentStyle::yaml && is_plain(text) ? std::string(text) : quoted_text(text);
}

}  // namespace

DocumentWriter::DocumentWriter(DocumentStyle style)
    : style_(style),
      text_(style == DocumentStyle::json ? "{" : ""),
      levels_{{/*is_list=*/false, /*is_empty=*/true}} {}

void DocumentWriter::open_map(std::string_view key) {
    open(key, /*is_list=*/false);
}

void DocumentWriter::open_list(std::string_view key) {
    open(key, /*is_list=*/true);
}

void DocumentWriter::open(std::string_view key, bool is_list) {
    begin_value(key);
    if (is_json()) {
        text_ += is_list ? '[' : '{';
    }
    levels_.push_back({is_list, /*is_empty=*/true});
}

void DocumentWriter::close() {
    const Level level = levels_.back();
    levels_.pop_back();
    if (is_json()) {
        text_ += level.is_list ? ']' : '}';
    } else if (level.is_empty) {
        text_ += is_behind_dash_ ? "" : " ";
        text_ += level.is_list ? "[]" : "{}";
        is_behind_dash_ = false;
        end_value();
    }
}

void DocumentWriter::word(std::string_view key, std::string_view text) {
    scalar(key, word_text(text, style_));
}

void DocumentWriter::quoted(std::string_view key, std::string_view text) {
    scalar(key, quoted_text(text));
}

void DocumentWriter::literal(std::string_view key, std::string_view text) {
    scalar(key, std::string(text));
}

void DocumentWriter::words(std::string_view key, std::span<const std::string> texts) {
    std::string list = "[";
    for (const std::string& text : texts) {
        list += list.size() == 1 ? "" : is_json() ? "," : ", ";
        list += word_text(text, style_);
    }
    scalar(key, list + ']');
}

void DocumentWriter::comment(std::string_view text) {
    if (is_json()) {
        return;
    }
    text_.pop_back();
    text_ += "  # ";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        text_ += byte < 0x20U || byte == 0x7fU ? ' ' : c;
    }
    end_value();
}

std::string DocumentWriter::text() && {
    text_ += is_json() ? "}\n" : "";
    return std::move(text_);
}

void DocumentWriter::scalar(std::string_view key, const std::string& text) {
    begin_value(key);
    const bool follows_key = !is_json() && !levels_.back().is_list;
    text_ += follows_key ? " " : "";
    text_ += text;
    is_behind_dash_ = false;
    end_value();
}

void DocumentWriter::begin_value(std::string_view key) {
    Level& level = levels_.back();
    const bool is_first = level.is_empty;
    level.is_empty = false;
    if (is_json()) {
        text_ += is_first ? "" : ",";
        text_ += level.is_list ? "" : quoted_text(key) + ':';
        return;
    }
    if (is_behind_dash_) {
        is_behind_dash_ = false;
    } else {
        if (is_first && levels_.size() > 1) {
            text_ += '\n';  // behind the key of what was opened
        }
        text_.append(2 * (levels_.size() - 1), ' ');
    }
    if (level.is_list) {
        text_ += "- ";
        is_behind_dash_ = true;
    } else {
        text_ += word_text(key, style_) + ':';
    }
}

void DocumentWriter::end_value() {
    if (!is_json()) {
        text_ += '\n';
    }
}

}  // namespace dcm::rules
