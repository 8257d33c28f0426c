#include "focus/rules.h"

#include "base/check.h"
#include "focus/rule_texts.h"

#include <array>

namespace dcm::focus {
namespace {

struct NamedKind {
    std::string_view words;  // between the column and what follows
    CheckKind kind;
};

constexpr std::array kUnaryKinds{
    NamedKind{"is present", CheckKind::is_present},
    NamedKind{"is decimal", CheckKind::is_decimal},
    NamedKind{"is string", CheckKind::is_string},
    NamedKind{"is date-time", CheckKind::is_date_time},
    NamedKind{"is a decimal value", CheckKind::is_decimal_value},
    NamedKind{"is a national currency", CheckKind::is_national_currency},
    NamedKind{"has numeric format", CheckKind::has_numeric_format},
    NamedKind{"has string format", CheckKind::has_string_format},
    NamedKind{"has date-time format", CheckKind::has_date_time_format},
    NamedKind{"has unit format", CheckKind::has_unit_format},
    NamedKind{"has currency format", CheckKind::has_currency_format},
    NamedKind{"has key-value format", CheckKind::has_key_value_format},
};
constexpr std::array kBinaryKinds{
    NamedKind{"= ", CheckKind::equals},
    NamedKind{"!= ", CheckKind::equals_not},
    NamedKind{">= ", CheckKind::at_least},
    NamedKind{"same as ", CheckKind::same_as},
    NamedKind{"differs from ", CheckKind::differs_from},
    NamedKind{"determines ", CheckKind::determines},
    NamedKind{"* ", CheckKind::times},
};

struct Separator {
    std::string_view text;
};

std::vector<std::string_view> split(std::string_view text, Separator separator) {
    std::vector<std::string_view> parts;
    std::size_t end = 0;
    while ((end = text.find(separator.text)) != std::string_view::npos) {
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end + separator.text.size());
    }
    parts.push_back(text);
    return parts;
}

// What a check compares with: `null`, `"text"`, a number, or columns.
void read_operand(std::string_view operand, Check& check) {
    if (check.kind == CheckKind::times) {
        const auto columns = split(operand, Separator{" = "});
        DCM_CHECK(columns.size() == 2);
        check.other = columns[0];
        check.result = columns[1];
    } else if (check.kind == CheckKind::same_as || check.kind == CheckKind::differs_from ||
               check.kind == CheckKind::determines) {
        check.other = operand;
    } else if (operand == "null") {
        check.is_null = true;
    } else if (operand.starts_with('"')) {
        check.value = operand.substr(1, operand.size() - 2);
    } else {
        check.is_number = true;
        check.value = operand;
    }
}

Check parse_check(std::string_view text) {
    const std::size_t space = text.find(' ');
    DCM_CHECK(space != std::string_view::npos);
    Check check;
    check.column = text.substr(0, space);
    const std::string_view rest = text.substr(space + 1);
    for (const NamedKind& named : kUnaryKinds) {
        if (rest == named.words) {
            check.kind = named.kind;
            return check;
        }
    }
    for (const NamedKind& named : kBinaryKinds) {
        if (rest.starts_with(named.words)) {
            check.kind = named.kind;
            read_operand(rest.substr(named.words.size()), check);
            return check;
        }
    }
    DCM_CHECK(false);
    return check;
}

Alternatives parse_alternatives(std::string_view text) {
    Alternatives alternatives;
    if (text == "-") {
        return alternatives;
    }
    for (const std::string_view together : split(text, Separator{" | "})) {
        std::vector<Check>& checks = alternatives.emplace_back();
        for (const std::string_view check : split(together, Separator{" & "})) {
            checks.push_back(parse_check(check));
        }
    }
    return alternatives;
}

Rule parse_rule(std::string_view line) {
    const auto fields = split(line, Separator{" ; "});
    DCM_CHECK(fields.size() == 5);
    Rule rule;
    rule.id = fields[0];
    rule.is_advice = fields[1] == "SHOULD";
    if (fields[2] != "-") {
        for (const std::string_view criterion : split(fields[2], Separator{", "})) {
            rule.criteria.emplace_back(criterion);
        }
    }
    rule.requirement = parse_alternatives(fields[3]);
    rule.condition = parse_alternatives(fields[4]);
    rule.text = fields[3];
    if (fields[4] != "-") {
        rule.text += " when ";
        rule.text += fields[4];
    }
    return rule;
}

}  // namespace

std::string_view Rule::column() const {
    const std::size_t end = id.find("-C-");
    return end == std::string::npos ? std::string_view() : std::string_view(id).substr(0, end);
}

std::vector<Rule> parse_rules(std::string_view text) {
    std::vector<Rule> rules;
    for (const std::string_view line : split(text, Separator{"\n"})) {
        if (!line.empty() && !line.starts_with('#')) {
            rules.push_back(parse_rule(line));
        }
    }
    return rules;
}

const std::vector<Rule>& rules_1_2() {
    static const std::vector<Rule> rules = parse_rules(kRules12);
    return rules;
}

}  // namespace dcm::focus
