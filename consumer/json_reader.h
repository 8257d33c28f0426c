#pragma once

#include "consumer/fault.h"

#include <cstddef>
#include <forward_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::consumer {

// Owns the strings that had to be unescaped; views into it stay good when it grows or is moved.
using TextPool = std::forward_list<std::string>;

enum class JsonToken {
    begin_object,
    end_object,
    begin_array,
    end_array,
    name,
    string,
    integer,  // no fraction, no exponent
    number,
    true_value,
    false_value,
    null_value,
    end_of_text,
    fault,
};

enum class JsonKind { object, array, string, integer, number, boolean, null };

struct JsonValue {
    JsonKind kind = JsonKind::null;
    std::string_view text;  // a string unescaped, anything else as it stands
};

// Reads one JSON text (RFC 8259) from front to back, token by token, without a tree and without
// recursion. It stops at the first fault in reading order: bad_json, duplicate_key (a member name
// twice in one object, after unescaping) or too_deep; from then on next() is `fault`. Bytes after
// the document, a NUL, an unpaired surrogate escape and a number beyond double range are bad_json.
//
// The text is valid UTF-8 and, like the pool, outlives this and every view taken from it.
class JsonReader {
public:
    JsonReader(std::string_view text, TextPool& pool);

    [[nodiscard]] JsonToken next();

    // The member name just read.
    [[nodiscard]] std::string_view name() const { return names_.back(); }

    // Of a string just read: its characters. Of any other value: the token.
    [[nodiscard]] std::string_view text();

    // The value that `first`, just read, begins; of an object or array the whole, which is passed
    // over. After a fault it is null or cut short, and next() tells.
    [[nodiscard]] JsonValue value_from(JsonToken first);

    // Passes over the value that comes next.
    void skip_value();

    // Defined once next() has returned `fault`.
    [[nodiscard]] Fault fault() const;

private:
    enum class Expected { value, value_or_end, name_or_end, separator, nothing };

    struct Frame {
        bool is_object = false;
        std::size_t names_begin = 0;  // in names_
    };

    [[nodiscard]] bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
    void skip_space();
    JsonToken open(bool is_object);
    JsonToken close();
    JsonToken read_separator();
    JsonToken read_name();
    JsonToken read_value();
    JsonToken read_literal(std::string_view literal, JsonToken token);
    JsonToken read_number();
    [[nodiscard]] bool skip_digits();
    JsonToken read_string();
    [[nodiscard]] bool skip_escape();
    [[nodiscard]] bool skip_unicode_escape();
    [[nodiscard]] bool add_name(std::string_view name);
    JsonToken ended(JsonToken token);
    JsonToken fail(billing::Reason reason, std::string_view expected);

    std::string_view text_;
    TextPool* pool_;
    std::size_t at_ = 0;
    std::size_t token_begin_ = 0;
    std::size_t token_size_ = 0;
    bool token_is_text_ = false;  // a name or a string: the quotes are not counted
    bool token_has_escapes_ = false;
    Expected expected_ = Expected::value;
    std::vector<Frame> frames_;
    // The names of all open objects, innermost last.
    std::vector<std::string_view> names_;
    // Names of open objects with many members, by the depth of the object.
    std::set<std::pair<std::size_t, std::string_view>> index_;
    bool failed_ = false;
    billing::Reason reason_ = billing::Reason::bad_json;
    std::string_view wanted_;
};

}  // namespace dcm::consumer
