#pragma once

#include "rules/parse.h"

#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

// A problem without its file, as the tables of the tests write it.
struct Expected {
    int line;
    int column;
    // A part of the message.
    std::string message;
};

// RFC 3339.
[[nodiscard]] Instant instant(std::string_view text);

// A book in block style: three lines of head, then `rest` from line 4.
[[nodiscard]] std::string with_head(const std::string& rest);

[[nodiscard]] ParsedBook parse_text(const std::string& text);

// The book of the text; fails the test and tells the problems when there are any.
[[nodiscard]] RuleBook book_of(const std::string& text);

// Fails the test unless the text has exactly these problems, in this order.
void check_problems(const std::string& text, const std::vector<Expected>& expected);

}  // namespace dcm::rules
