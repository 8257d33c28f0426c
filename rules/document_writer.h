#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

enum class DocumentStyle { yaml, json };

// Writes one document, top map and all, value by value: as YAML in block style, or as JSON on one
// line. What is written as YAML can be read by read_yaml and means the same there.
class DocumentWriter {
public:
    explicit DocumentWriter(DocumentStyle style);

    // In a map the key names the value; in a list it is empty.
    void open_map(std::string_view key);
    void open_list(std::string_view key);
    void close();

    // A text that YAML may write without quotes where they change nothing.
    void word(std::string_view key, std::string_view text);
    // A text with quotes: a decimal.
    void quoted(std::string_view key, std::string_view text);
    // A number, true or false.
    void literal(std::string_view key, std::string_view text);
    // A list of words on one line.
    void words(std::string_view key, std::span<const std::string> texts);
    // For people: behind the latest value, on its line. JSON has none.
    void comment(std::string_view text);

    [[nodiscard]] bool is_json() const { return style_ == DocumentStyle::json; }
    // Ends the document.
    [[nodiscard]] std::string text() &&;

private:
    struct Level {
        bool is_list;
        bool is_empty;
    };

    void begin_value(std::string_view key);
    void end_value();
    void open(std::string_view key, bool is_list);
    void scalar(std::string_view key, const std::string& text);

    DocumentStyle style_;
    std::string text_;
    std::vector<Level> levels_;
    // The first member of a map in a list stands behind the dash.
    bool is_behind_dash_ = false;
};

}  // namespace dcm::rules
