#include "exports/row_format.h"

#include "billing/render_statement.h"
#include "billing/table.h"
#include "focus/table.h"

#include <memory>

namespace dcm::exports {
namespace {

// Writes into a text of its own, which is kept between rows.
struct FocusRows {
    explicit FocusRows(const focus::ChargedPeriod& period)
        : writer(focus::focus_1_2(), period, text) {}

    void move_to(std::string& out) {
        out += text;
        text.clear();
    }

    std::string text;
    focus::FocusWriter writer;
};

RowFormat focus_rows(const focus::ChargedPeriod& period) {
    const auto rows = std::make_shared<FocusRows>(period);
    return {format_columns(Format::focus),
            [rows](std::string& out) {
                rows->writer.header();
                rows->move_to(out);
            },
            [rows](std::string& out, const billing::StatementLine& line) {
                rows->writer.row(focus::Charge(line));
                rows->move_to(out);
            }};
}

RowFormat csv_rows() {
    const auto columns =
        std::make_shared<const std::vector<billing::Column>>(billing::statement_columns());
    return {format_columns(Format::lines),
            [columns](std::string& out) { billing::append_csv_header(out, *columns); },
            [columns](std::string& out, const billing::StatementLine& line) {
                billing::append_csv_row(out, *columns, billing::statement_cells(line));
            }};
}

RowFormat json_rows() {
    return {format_columns(Format::jsonl),
            [](std::string& /*out*/) {},
            [](std::string& out, const billing::StatementLine& line) {
                billing::append_statement_json(out, line);
            }};
}

}  // namespace

std::vector<std::string> format_columns(Format format) {
    if (format == Format::focus) {
        return focus::column_names(focus::focus_1_2());
    }
    std::vector<std::string> names;
    for (const billing::Column& column : billing::statement_columns()) {
        names.push_back(column.name);
    }
    return names;
}

RowFormat row_format(Format format, const focus::ChargedPeriod& period) {
    switch (format) {
        case Format::focus:
            return focus_rows(period);
        case Format::lines:
            return csv_rows();
        case Format::jsonl:
            return json_rows();
    }
    return {};
}

}  // namespace dcm::exports
