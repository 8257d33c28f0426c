#include "store/closed_rows.h"

#include "store/row_statement.h"

#include <array>
#include <string_view>

namespace dcm::store {
namespace {

constexpr const char* kSelectLineTexts =
    "SELECT line, kind, provider, service_type, instance_id, state, unit, quantity, unit_price,"
    " cost FROM statement_line WHERE line >= ? AND line < ? ORDER BY line";
constexpr const char* kSelectStatementTexts =
    "SELECT statement_no, period_no, total, total_rounded FROM statement "
    "WHERE statement_no >= ? AND statement_no < ? ORDER BY statement_no";

struct PlacedColumn {
    int place;
    std::string_view name;
};
constexpr PlacedColumn kQuantity{7, "quantity"};
constexpr PlacedColumn kUnitPrice{8, "unit_price"};
constexpr std::array kWords{PlacedColumn{2, "provider"},
                            PlacedColumn{3, "service_type"},
                            PlacedColumn{4, "instance_id"},
                            PlacedColumn{5, "state"},
                            PlacedColumn{6, "unit"}};
constexpr std::array kLineDecimals{kQuantity, kUnitPrice, PlacedColumn{9, "cost"}};
constexpr std::array kStatementDecimals{PlacedColumn{2, "total"}, PlacedColumn{3, "total_rounded"}};

bool is_decimal_as_written(std::string_view text) {
    const Result<Decimal> number = Decimal::parse(text);
    return number.ok() && number.value().to_string() == text;
}

// The first column whose decimal is not as written; empty when there is none.
template <std::size_t Count>
std::string_view odd_decimal(const RowStatement& row,
                             const std::array<PlacedColumn, Count>& columns) {
    for (const PlacedColumn& column : columns) {
        if (!row.is_null(column.place) && !is_decimal_as_written(row.text(column.place))) {
            return column.name;
        }
    }
    return {};
}

std::string_view odd_column_of_line(const RowStatement& row) {
    const bool is_rounding =
        row.text(1) == billing::statement_line_kind_name(billing::StatementLineKind::rounding);
    for (const PlacedColumn& word : kWords) {
        if (!row.is_null(word.place) && (is_rounding || row.text(word.place).empty())) {
            return word.name;
        }
    }
    if (row.is_null(kQuantity.place) != is_rounding) {
        return kQuantity.name;
    }
    if (is_rounding && !row.is_null(kUnitPrice.place)) {
        return kUnitPrice.name;
    }
    return odd_decimal(row, kLineDecimals);
}

std::string_view odd_column_of_statement(const RowStatement& row, std::int64_t period_no) {
    return row.number(1) != period_no ? "period_no" : odd_decimal(row, kStatementDecimals);
}

// What is told of a row.
std::string told(std::string_view what, std::int64_t number, std::string_view column) {
    return std::string(what) + ' ' + std::to_string(number) + " has another " +
           std::string(column) + " than a closing writes";
}

}  // namespace

std::optional<std::string> odd_line(soci::session& session, LineRange range) {
    RowStatement rows(session, kSelectLineTexts);
    rows.bind(range.first).bind(range.end);
    while (rows.fetch()) {
        const std::string_view column = odd_column_of_line(rows);
        if (!column.empty()) {
            return told("line", rows.number(0), column);
        }
    }
    return std::nullopt;
}

std::optional<std::string> odd_statement(soci::session& session, const ClosedPeriod& period) {
    RowStatement rows(session, kSelectStatementTexts);
    rows.bind(period.first_statement).bind(period.statement_end);
    while (rows.fetch()) {
        const std::string_view column = odd_column_of_statement(rows, period.number);
        if (!column.empty()) {
            return told("statement", rows.number(0), column);
        }
    }
    return std::nullopt;
}

bool follows(const ClosedPeriod& period, const ClosedPeriod& before) {
    return period.number == before.number + 1 && period.first_statement == before.statement_end &&
           period.lines.first == before.lines.end;
}

}  // namespace dcm::store
