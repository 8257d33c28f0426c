#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::focus {

enum class CheckKind {
    is_present,
    is_decimal,
    is_string,
    is_date_time,
    is_decimal_value,
    is_national_currency,
    has_numeric_format,
    has_string_format,
    has_date_time_format,
    has_unit_format,
    has_currency_format,
    has_key_value_format,
    equals,        // a text, a number or null
    equals_not,    // the same
    at_least,      // a number
    same_as,       // another column
    differs_from,  // another column
    determines,    // another column: one value of it for each of this one
    times,         // another column: the product is a third
};

// One check of one row, or, for is_present, of the header.
struct Check {
    CheckKind kind = CheckKind::is_present;
    std::string column;
    std::string other;   // the second column
    std::string result;  // the third
    std::string value;   // as text
    bool is_null = false;
    bool is_number = false;
};

// Any of them holds, each with all of its checks.
using Alternatives = std::vector<std::vector<Check>>;

// A rule of the specification's requirements model.
struct Rule {
    std::string id;
    bool is_advice = false;             // SHOULD
    std::vector<std::string> criteria;  // what a provider must support for it to matter
    Alternatives requirement;
    Alternatives condition;  // empty: always
    std::string text;        // requirement and condition as the table has them

    // The column it is about; empty for one about the table.
    [[nodiscard]] std::string_view column() const;
};

// focus/rules_1_2.txt, which is compiled in.
[[nodiscard]] const std::vector<Rule>& rules_1_2();

// Lines as that file has them. A line that cannot be read is a broken invariant.
[[nodiscard]] std::vector<Rule> parse_rules(std::string_view text);

}  // namespace dcm::focus
