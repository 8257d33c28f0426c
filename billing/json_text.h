#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dcm::billing {

// The text, which is UTF-8, as a JSON string with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

// One JSON object on one line, members in the order they are added.
class JsonObject {
public:
    void add(std::string_view name, std::string_view text);
    // null when there is none
    void add_or_null(std::string_view name, std::optional<std::string_view> text);
    // A value that is JSON already: a number, an array, an object.
    void add_json(std::string_view name, const std::string& json);

    [[nodiscard]] std::string text() const { return text_ + '}'; }

private:
    // Where its value is to be appended.
    std::string& begin_member(std::string_view name);

    std::string text_ = "{";
};

}  // namespace dcm::billing
