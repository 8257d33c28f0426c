#include "consumer/json_reader.h"

#include "base/ascii.h"
#include "base/check.h"
#include "consumer/decode.h"
#include "consumer/json_text.h"

#include <algorithm>

namespace dcm::consumer {
namespace {

using billing::Reason;

// Objects up to here are searched name by name, larger ones through an index.
constexpr std::size_t kSearchedNamesMax = 16;
static_assert(kJsonDepthMax == 128, "the fault text names the limit");

constexpr std::size_t kUsualDepth = 8;
constexpr std::string_view kSimpleEscapes = "\"\\/bfnrt";
constexpr std::size_t kUnicodeEscapeSize = 6;

constexpr bool ends_plain_run(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// Which half of a surrogate pair the four hex digits name.
enum class Surrogate { none, high, low };

Surrogate surrogate_of(std::string_view digits) {
    if (digits[0] != 'd' && digits[0] != 'D') return Surrogate::none;
    const char second = digits[1];
    if (second <= '7') return Surrogate::none;
    return second <= '9' || second == 'a' || second == 'A' || second == 'b' || second == 'B'
               ? Surrogate::high
               : Surrogate::low;
}

JsonKind kind_of(JsonToken token) {
    switch (token) {
        case JsonToken::begin_object:
        case JsonToken::end_object:
            return JsonKind::object;
        case JsonToken::begin_array:
        case JsonToken::end_array:
            return JsonKind::array;
        case JsonToken::name:
        case JsonToken::string:
            return JsonKind::string;
        case JsonToken::integer:
            return JsonKind::integer;
        case JsonToken::number:
            return JsonKind::number;
        case JsonToken::true_value:
        case JsonToken::false_value:
            return JsonKind::boolean;
        case JsonToken::null_value:
        case JsonToken::end_of_text:
        case JsonToken::fault:
            return JsonKind::null;
    }
    return JsonKind::null;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, TextPool& pool) : text_(text), pool_(&pool) {
    frames_.reserve(kUsualDepth);
    names_.reserve(kSearchedNamesMax);
}

JsonToken JsonReader::next() {
    if (failed_) return JsonToken::fault;
    skip_space();
    switch (expected_) {
        case Expected::value:
            return read_value();
        case Expected::value_or_end:
            return at(']') ? close() : read_value();
        case Expected::name_or_end:
            return at('}') ? close() : read_name();
        case Expected::separator:
            return read_separator();
        case Expected::nothing:
            if (at_ == text_.size()) return JsonToken::end_of_text;
            return fail(Reason::bad_json, "the end of the document");
    }
    return JsonToken::fault;
}

std::string_view JsonReader::text() {
    const std::string_view raw = text_.substr(token_begin_, token_size_);
    if (!token_is_text_ || !token_has_escapes_) return raw;
    return pool_->emplace_front(unescape(raw));
}

JsonValue JsonReader::value_from(JsonToken first) {
    if (failed_) return {};  // the token is unfinished, and its escapes are not checked
    if (first != JsonToken::begin_object && first != JsonToken::begin_array) {
        return {.kind = kind_of(first), .text = text()};
    }
    const std::size_t begin = token_begin_;
    const std::size_t depth = frames_.size();
    while (!failed_ && frames_.size() >= depth) {
        static_cast<void>(next());  // a fault ends the loop
    }
    return {.kind = kind_of(first), .text = text_.substr(begin, at_ - begin)};
}

void JsonReader::skip_value() {
    const std::size_t depth = frames_.size();
    do {
        static_cast<void>(next());  // a fault ends the loop
    } while (!failed_ && frames_.size() > depth);
}

Fault JsonReader::fault() const {
    DCM_CHECK(failed_);
    std::string detail = "expected ";
    detail.append(wanted_).append(" at byte ").append(std::to_string(at_)).append(", got ");
    detail.append(at_ < text_.size() ? excerpt(text_.substr(at_, 1)) : "the end of the text");
    return {.reason = reason_, .detail = std::move(detail)};
}

void JsonReader::skip_space() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
        ++at_;
    }
}

JsonToken JsonReader::open(bool is_object) {
    if (frames_.size() == static_cast<std::size_t>(kJsonDepthMax)) {
        return fail(Reason::too_deep, "at most 128 levels of nesting");
    }
    frames_.push_back({.is_object = is_object, .names_begin = names_.size()});
    token_begin_ = at_;
    token_size_ = 1;
    token_is_text_ = false;
    ++at_;
    expected_ = is_object ? Expected::name_or_end : Expected::value_or_end;
    return is_object ? JsonToken::begin_object : JsonToken::begin_array;
}

JsonToken JsonReader::close() {
    const Frame frame = frames_.back();
    if (names_.size() - frame.names_begin > kSearchedNamesMax) {
        index_.erase(index_.lower_bound({frames_.size(), {}}), index_.end());
    }
    names_.resize(frame.names_begin);
    frames_.pop_back();
    token_begin_ = at_;
    token_size_ = 1;
    token_is_text_ = false;
    ++at_;
    return ended(frame.is_object ? JsonToken::end_object : JsonToken::end_array);
}

JsonToken JsonReader::read_separator() {
    const bool in_object = frames_.back().is_object;
    if (at(in_object ? '}' : ']')) return close();
    if (!at(',')) {
        return fail(Reason::bad_json, in_object ? "a comma or a brace" : "a comma or a bracket");
    }
    ++at_;
    skip_space();
    return in_object ? read_name() : read_value();
}

JsonToken JsonReader::read_name() {
    if (!at('"')) return fail(Reason::bad_json, "a member name in quotes");
    const std::size_t begin = at_;
    if (read_string() == JsonToken::fault) return JsonToken::fault;
    if (!add_name(text())) {
        at_ = begin;
        return fail(Reason::duplicate_key, "every member name once in its object");
    }
    skip_space();
    if (!at(':')) return fail(Reason::bad_json, "a colon");
    ++at_;
    expected_ = Expected::value;
    return JsonToken::name;
}

JsonToken JsonReader::read_value() {
    if (at_ == text_.size()) return fail(Reason::bad_json, "a value");
    switch (text_[at_]) {
        case '{':
            return open(/*is_object=*/true);
        case '[':
            return open(/*is_object=*/false);
        case '"':
            return read_string();
        case 't':
            return read_literal("true", JsonToken::true_value);
        case 'f':
            return read_literal("false", JsonToken::false_value);
        case 'n':
            return read_literal("null", JsonToken::null_value);
        default:
            return read_number();
    }
}

JsonToken JsonReader::read_literal(std::string_view literal, JsonToken token) {
    if (text_.substr(at_, literal.size()) != literal) return fail(Reason::bad_json, "a value");
    token_begin_ = at_;
    token_size_ = literal.size();
    token_is_text_ = false;
    at_ += literal.size();
    return ended(token);
}

JsonToken JsonReader::read_number() {
    token_begin_ = at_;
    token_is_text_ = false;
    JsonToken token = JsonToken::integer;
    if (at('-')) ++at_;
    if (at('0')) {
        ++at_;
    } else if (!skip_digits()) {
        return fail(Reason::bad_json, at_ == token_begin_ ? "a value" : "a digit");
    }
    if (at('.')) {
        ++at_;
        token = JsonToken::number;
        if (!skip_digits()) return fail(Reason::bad_json, "a digit");
    }
    if (at('e') || at('E')) {
        ++at_;
        token = JsonToken::number;
        if (at('+') || at('-')) ++at_;
        if (!skip_digits()) return fail(Reason::bad_json, "a digit");
    }
    token_size_ = at_ - token_begin_;
    if (is_beyond_double(text_.substr(token_begin_, token_size_))) {
        at_ = token_begin_;
        return fail(Reason::bad_json, "a number within double range");
    }
    return ended(token);
}

bool JsonReader::skip_digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) {
        ++at_;
    }
    return at_ != begin;
}

JsonToken JsonReader::read_string() {
    ++at_;
    token_begin_ = at_;
    token_is_text_ = true;
    token_has_escapes_ = false;
    while (true) {
        while (at_ < text_.size() && !ends_plain_run(text_[at_])) {
            ++at_;
        }
        if (at('"')) break;
        if (!at('\\')) return fail(Reason::bad_json, "a character or the end of the string");
        token_has_escapes_ = true;
        if (!skip_escape()) return JsonToken::fault;
    }
    token_size_ = at_ - token_begin_;
    ++at_;
    return ended(JsonToken::string);
}

bool JsonReader::skip_escape() {
    const std::string_view letter = text_.substr(at_ + 1, 1);
    if (letter == "u") return skip_unicode_escape();
    if (letter.empty() || kSimpleEscapes.find(letter) == std::string_view::npos) {
        static_cast<void>(fail(Reason::bad_json, "an escape"));  // the caller passes the fault on
        return false;
    }
    at_ += 2;
    return true;
}

bool JsonReader::skip_unicode_escape() {
    const auto is_escape = [](std::string_view text) {
        return text.size() == kUnicodeEscapeSize && text.substr(0, 2) == "\\u" &&
               std::all_of(text.begin() + 2, text.end(), is_hex_digit);
    };
    const std::string_view first = text_.substr(at_, kUnicodeEscapeSize);
    if (!is_escape(first)) {
        static_cast<void>(fail(Reason::bad_json, "four hex digits"));  // passed on by the caller
        return false;
    }
    const Surrogate half = surrogate_of(first.substr(2));
    if (half == Surrogate::none) {
        at_ += kUnicodeEscapeSize;
        return true;
    }
    const std::string_view second = text_.substr(at_ + kUnicodeEscapeSize, kUnicodeEscapeSize);
    if (half == Surrogate::low || !is_escape(second) ||
        surrogate_of(second.substr(2)) != Surrogate::low) {
        static_cast<void>(fail(Reason::bad_json, "a pair of surrogates"));  // passed on likewise
        return false;
    }
    at_ += 2 * kUnicodeEscapeSize;
    return true;
}

bool JsonReader::add_name(std::string_view name) {
    const std::size_t depth = frames_.size();
    const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(frames_.back().names_begin);
    const auto count = static_cast<std::size_t>(names_.end() - begin);
    bool is_new = false;
    if (count < kSearchedNamesMax) {
        is_new = std::find(begin, names_.end(), name) == names_.end();
    } else {
        if (count == kSearchedNamesMax) {
            for (auto known = begin; known != names_.end(); ++known) {
                index_.emplace(depth, *known);
            }
        }
        is_new = index_.emplace(depth, name).second;
    }
    names_.push_back(name);
    return is_new;
}

JsonToken JsonReader::ended(JsonToken token) {
    expected_ = frames_.empty() ? Expected::nothing : Expected::separator;
    return token;
}

JsonToken JsonReader::fail(Reason reason, std::string_view expected) {
    failed_ = true;
    reason_ = reason;
    wanted_ = expected;
    return JsonToken::fault;
}

}  // namespace dcm::consumer
