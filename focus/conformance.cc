#include "focus/conformance.h"

#include "base/check.h"
#include "base/decimal.h"
#include "base/encoding.h"
#include "base/shown.h"
#include "focus/exact_product.h"
#include "focus/value_format.h"
#include "rules/rulebook.h"

#include <algorithm>
#include <array>
#include <set>

namespace dcm::focus {
namespace {

// What a biller by status events supports, in the words of the model.
constexpr std::array<std::string_view, 5> kSupported{
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED"};

bool is_supported(const Rule& rule) {
    return std::all_of(rule.criteria.begin(), rule.criteria.end(), [](const std::string& needed) {
        return std::find(kSupported.begin(), kSupported.end(), needed) != kSupported.end();
    });
}

bool is_about_presence(const Rule& rule) {
    return rule.requirement.front().front().kind == CheckKind::is_present;
}

// Numbers are compared by value, whatever their digits.
std::optional<Decimal> number_of(std::string_view text) {
    Result<Decimal> parsed = Decimal::parse(text);
    return parsed.ok() ? std::optional(std::move(parsed).value()) : std::nullopt;
}

bool equals(const Check& check, const CsvCell& cell) {
    if (check.is_null || cell.is_null) {
        return check.is_null == cell.is_null;
    }
    return check.is_number ? number_of(cell.text) == number_of(check.value)
                           : cell.text == check.value;
}

// Checks of one value that is there.
bool value_holds(CheckKind kind, std::string_view text) {
    switch (kind) {
        case CheckKind::is_decimal:
        case CheckKind::is_decimal_value:
        case CheckKind::has_numeric_format:
            return is_numeric(text);
        case CheckKind::is_string:
            return is_utf8(text);
        case CheckKind::has_string_format:
            return is_string(text);
        case CheckKind::is_date_time:
            return parse_rfc3339(text).ok();
        case CheckKind::has_date_time_format:
            return is_date_time(text);
        case CheckKind::is_national_currency:
            return rules::minor_unit_digits(text).has_value();
        case CheckKind::has_currency_format:
            return is_currency(text);
        case CheckKind::has_unit_format:
            return is_unit(text);
        case CheckKind::has_key_value_format:
            return is_key_value(text);
        case CheckKind::is_present:
        case CheckKind::equals:
        case CheckKind::equals_not:
        case CheckKind::at_least:
        case CheckKind::same_as:
        case CheckKind::differs_from:
        case CheckKind::determines:
        case CheckKind::times:
            return true;
    }
    return true;
}

std::string got(const CsvCell& cell) {
    return cell.is_null ? "nothing" : shown(cell.text);
}

}  // namespace

std::string finding_text(const Finding& finding) {
    const std::string where =
        finding.rows == 0 ? "header: " : "row " + std::to_string(finding.first_row) + ": ";
    const std::string others =
        finding.rows > 1 ? "; " + std::to_string(finding.rows) + " rows" : "";
    return where + finding.rule + ": " + finding.text + others;
}

Conformance::Conformance(const std::vector<Rule>& rules) : rules_(rules) {}

void Conformance::header(std::span<const CsvCell> names) {
    for (const CsvCell& name : names) {
        names_.emplace_back(name.text);
    }
    columns_.resize(names_.size());
    check_names();
    for (const Rule& rule : rules_) {
        if (!is_supported(rule)) {
            continue;
        }
        if (is_about_presence(rule)) {
            check_presence(rule);
        } else if (place_of(rule.column()) != kAbsent) {
            bind(rule);
        }
    }
}

void Conformance::row(std::span<const CsvCell> cells) {
    DCM_CHECK(cells.size() == names_.size());
    judge_changes(cells);
    if (rows_ == 0) {
        judge_all(cells);
    }
    ++rows_;
    if (failing_ > 0) {
        count_failures(cells);
    }
}

std::vector<Finding> Conformance::findings() const {
    std::vector<Finding> found = header_findings_;
    for (const BoundRule& bound : bound_) {
        if (bound.failed_rows > 0) {
            found.push_back(bound.finding);
            found.back().rows = bound.failed_rows;
        }
    }
    return found;
}

std::size_t Conformance::place_of(std::string_view column) const {
    const auto found = std::find(names_.begin(), names_.end(), column);
    return found == names_.end() ? kAbsent
                                 : static_cast<std::size_t>(std::distance(names_.begin(), found));
}

void Conformance::bind(const Rule& rule) {
    BoundRule bound;
    bound.rule = &rule;
    std::vector<std::size_t> columns;
    bound.requirement = bind(rule.requirement, columns);
    bound.condition = bind(rule.condition, columns);
    std::sort(columns.begin(), columns.end());
    columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
    for (const std::size_t column : columns) {
        columns_[column].rules.push_back(bound_.size());
    }
    bound_.push_back(std::move(bound));
}

Conformance::BoundAlternatives Conformance::bind(const Alternatives& alternatives,
                                                 std::vector<std::size_t>& columns) const {
    BoundAlternatives bound;
    for (const std::vector<Check>& together : alternatives) {
        std::vector<BoundCheck>& checks = bound.emplace_back();
        for (const Check& check : together) {
            const BoundCheck& last = checks.emplace_back(BoundCheck{
                &check, place_of(check.column), place_of(check.other), place_of(check.result)});
            columns.insert(columns.end(), {last.column, last.other, last.result});
        }
    }
    columns.erase(std::remove(columns.begin(), columns.end(), kAbsent), columns.end());
    return bound;
}

void Conformance::check_presence(const Rule& rule) {
    const std::string& column = rule.requirement.front().front().column;
    if (place_of(column) == kAbsent) {
        header_findings_.push_back(
            {rule.id, rule.is_advice, 0, 0, "expected the column " + column + ", it is not there"});
    }
}

// What the specification calls column handling.
void Conformance::check_names() {
    std::set<std::string_view> specified;
    for (const Rule& rule : rules_) {
        for (const std::vector<Check>& together : rule.requirement) {
            for (const Check& check : together) {
                specified.insert(check.column);
            }
        }
    }
    std::set<std::string_view> seen;
    bool is_after_custom = false;
    for (const std::string& name : names_) {
        const bool is_custom = !specified.contains(name);
        if (is_custom && !name.starts_with("x_")) {
            header_findings_.push_back(
                {"ColumnHandling-A-010-M",
                 false,
                 0,
                 0,
                 "expected a column of FOCUS or one that begins x_, got " + shown(name)});
        }
        if (!is_custom && is_after_custom) {
            header_findings_.push_back(
                {"ColumnHandling-A-012-O",
                 true,
                 0,
                 0,
                 "expected custom columns last, " + shown(name) + " comes later"});
        }
        is_after_custom = is_after_custom || is_custom;
        if (!seen.insert(name).second) {
            header_findings_.push_back(
                {"ColumnHandling-A-000-M",
                 false,
                 0,
                 0,
                 "expected each column once, got " + shown(name) + " again"});
        }
    }
}

// Neighbouring rows share most of their values, and a rule whose columns are as before has the same
// answer.
void Conformance::judge_changes(std::span<const CsvCell> cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        Column& column = columns_[i];
        if (rows_ > 0 && column.is_null == cells[i].is_null && column.latest == cells[i].text) {
            continue;
        }
        column.latest = cells[i].text;
        column.is_null = cells[i].is_null;
        for (const std::size_t place : column.rules) {
            BoundRule& bound = bound_[place];
            if (bound.judged_row != rows_) {
                bound.judged_row = rows_;
                judge(bound, cells);
            }
        }
    }
}

// Also those about columns that are not there.
void Conformance::judge_all(std::span<const CsvCell> cells) {
    for (BoundRule& bound : bound_) {
        if (bound.judged_row != rows_) {
            judge(bound, cells);
        }
    }
}

void Conformance::count_failures(std::span<const CsvCell> cells) {
    for (BoundRule& bound : bound_) {
        if (!bound.holds && ++bound.failed_rows == 1) {
            const CsvCell value = cell(cells, bound.requirement.front().front().column);
            bound.finding = {bound.rule->id,
                             bound.rule->is_advice,
                             1,
                             rows_,
                             "expected " + bound.rule->text + ", got " + got(value)};
        }
    }
}

CsvCell Conformance::cell(std::span<const CsvCell> cells, std::size_t place) {
    return place == kAbsent ? CsvCell{{}, true} : cells[place];
}

bool Conformance::holds(BoundCheck& bound, std::span<const CsvCell> cells) {
    const Check& check = *bound.check;
    const CsvCell value = cell(cells, bound.column);
    switch (check.kind) {
        case CheckKind::equals:
            return equals(check, value);
        case CheckKind::equals_not:
            return !equals(check, value);
        case CheckKind::at_least: {
            const auto number = number_of(value.text);
            return value.is_null || (number && *number >= number_of(check.value));
        }
        case CheckKind::same_as:
            return value == cell(cells, bound.other);
        case CheckKind::differs_from:
            return value != cell(cells, bound.other);
        case CheckKind::times:
            return is_exact(
                {value.text, cell(cells, bound.other).text, cell(cells, bound.result).text});
        case CheckKind::determines: {
            const std::string other(cell(cells, bound.other).text);
            return value.is_null ||
                   bound.seen.try_emplace(std::string(value.text), other).first->second == other;
        }
        case CheckKind::is_present:
        case CheckKind::is_decimal:
        case CheckKind::is_string:
        case CheckKind::is_date_time:
        case CheckKind::is_decimal_value:
        case CheckKind::is_national_currency:
        case CheckKind::has_numeric_format:
        case CheckKind::has_string_format:
        case CheckKind::has_date_time_format:
        case CheckKind::has_unit_format:
        case CheckKind::has_currency_format:
        case CheckKind::has_key_value_format:
            return value.is_null || value_holds(check.kind, value.text);
    }
    return true;
}

bool Conformance::any_holds(BoundAlternatives& alternatives, std::span<const CsvCell> cells) {
    return std::any_of(alternatives.begin(), alternatives.end(), [&](auto& together) {
        return std::all_of(
            together.begin(), together.end(), [&](BoundCheck& b) { return holds(b, cells); });
    });
}

void Conformance::judge(BoundRule& bound, std::span<const CsvCell> cells) {
    const bool applies = bound.condition.empty() || any_holds(bound.condition, cells);
    const bool holds = !applies || any_holds(bound.requirement, cells);
    failing_ += bound.holds ? 1 : 0;
    failing_ -= holds ? 1 : 0;
    bound.holds = holds;
}

}  // namespace dcm::focus
