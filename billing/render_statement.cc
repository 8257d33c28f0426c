#include "billing/render_statement.h"

#include "billing/json_text.h"
#include "billing/minor_unit_text.h"
#include "billing/terminal_text.h"

#include <utility>

namespace dcm::billing {
namespace {

// What a rounding line does not have is null; everything else has every text.
std::optional<std::string_view> null_if_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

bool has_quantity(const StatementLine& line) {
    return line.kind != StatementLineKind::rounding;
}

std::optional<std::string> quantity_text(const StatementLine& line) {
    return has_quantity(line) ? std::optional(line.quantity.to_string()) : std::nullopt;
}

std::optional<std::string> unit_price_text(const StatementLine& line) {
    return line.unit_price.has_value() ? std::optional(line.unit_price->to_string()) : std::nullopt;
}

std::string corrects_text(const StatementLine& line) {
    return line.corrects.has_value() ? std::to_string(*line.corrects) : "";
}

std::vector<Column> table_columns() {
    return {{"line", Align::right},
            {"tenant"},
            {"kind"},
            {"service_type"},
            {"instance"},
            {"rate"},
            {"state"},
            {"charge_start"},
            {"charge_end"},
            {"quantity", Align::right},
            {"unit"},
            {"unit_price", Align::right},
            {"cost", Align::right},
            {"corrects", Align::right}};
}

std::vector<std::string> table_cells(const StatementLine& line) {
    return {std::to_string(line.line),
            line.tenant,
            std::string(statement_line_kind_name(line.kind)),
            line.service_type,
            line.instance,
            line.rate,
            line.state,
            format_rfc3339(line.charge.start),
            format_rfc3339(line.charge.end),
            quantity_text(line).value_or(""),
            line.unit,
            unit_price_text(line).value_or(""),
            line.cost.to_string(),
            corrects_text(line)};
}

JsonObject line_json(const StatementLine& line) {
    JsonObject object;
    object.add("period", line.period);
    object.add_json("line", std::to_string(line.line));
    object.add("tenant", line.tenant);
    object.add_or_null("provider", null_if_empty(line.provider));
    object.add_or_null("service_type", null_if_empty(line.service_type));
    object.add_or_null("instance_id", null_if_empty(line.instance));
    object.add("meter", line.meter);
    object.add("rate", line.rate);
    object.add_or_null("state", null_if_empty(line.state));
    object.add("charge_start", format_rfc3339(line.charge.start));
    object.add("charge_end", format_rfc3339(line.charge.end));
    object.add("billed_seconds", format_seconds(line.billed));
    object.add_or_null("quantity", quantity_text(line));
    object.add_or_null("unit", null_if_empty(line.unit));
    object.add_or_null("unit_price", unit_price_text(line));
    object.add("cost", line.cost.to_string());
    object.add("currency", line.currency);
    object.add_json("corrects", line.corrects ? corrects_text(line) : "null");
    object.add("kind", statement_line_kind_name(line.kind));
    return object;
}

std::string log_json(const StatementOrigin& origin) {
    JsonObject log;
    log.add_json("size", std::to_string(origin.log_size));
    log.add("root", origin.log_root);
    return log.text();
}

// The object's members before its statements and lines.
JsonObject origin_json(const StatementOrigin& origin) {
    const auto& closing = origin.closing;
    JsonObject object;
    object.add("period", origin.period);
    object.add("state", closing ? "closed" : "open");
    object.add("from", format_rfc3339(origin.during.start));
    object.add("to", format_rfc3339(origin.during.end));
    object.add("timezone", origin.timezone);
    object.add("tzdata", origin.tzdata);
    object.add("currency", origin.currency);
    object.add("book", origin.book_digest);
    object.add_json("log", log_json(origin));
    object.add_or_null("as_of",
                       origin.as_of ? std::optional(format_rfc3339(*origin.as_of)) : std::nullopt);
    object.add_or_null("closed_at",
                       closing ? std::optional(format_rfc3339(closing->at)) : std::nullopt);
    object.add_json("record", closing ? std::to_string(closing->record) : "null");
    object.add_or_null("lines_sha256",
                       closing ? std::optional(closing->lines_sha256) : std::nullopt);
    object.add_or_null("checkpoint", closing ? closing->checkpoint : std::nullopt);
    return object;
}

std::string total_json(const StatementTotal& total) {
    JsonObject object;
    object.add("tenant", total.tenant);
    object.add("total", total.total.to_string());
    object.add("total_rounded", total.total_rounded.to_string());
    object.add_json("first_line", std::to_string(total.first_line));
    object.add_json("lines", std::to_string(total.line_end - total.first_line));
    return object.text();
}

std::string totals_json(const std::vector<StatementTotal>& totals) {
    std::string list;
    for (const StatementTotal& total : totals) {
        list += list.empty() ? "" : ",";
        list += total_json(total);
    }
    return '[' + list + ']';
}

std::string totals_text(const std::vector<StatementTotal>& totals,
                        const StatementOrigin& origin,
                        std::size_t width) {
    Table table({{"tenant"},
                 {"lines", Align::right},
                 {"total", Align::right},
                 {"rounded", Align::right},
                 {"currency"}});
    for (const StatementTotal& total : totals) {
        table.add_row({total.tenant,
                       std::to_string(total.line_end - total.first_line),
                       total.total.to_string(),
                       minor_unit_text(total.total_rounded, origin.currency),
                       origin.currency});
    }
    return table.text(width);
}

std::string closing_text(const StatementOrigin& origin) {
    if (!origin.closing) {
        return origin.period + ", open: its statements as of " +
               format_rfc3339(origin.as_of.value_or(origin.during.end));
    }
    return origin.period + ", closed " + format_rfc3339(origin.closing->at) + " by record " +
           std::to_string(origin.closing->record);
}

std::string origin_text(const StatementOrigin& origin, std::size_t width) {
    const std::string during = format_rfc3339(origin.during.start) + " to " +
                               format_rfc3339(origin.during.end) + ", days in " + origin.timezone +
                               ", tzdata " + origin.tzdata;
    const std::string log = std::to_string(origin.log_size) + " records, root " + origin.log_root;
    return fold({"period   ", closing_text(origin)}, width) + fold({"from     ", during}, width) +
           fold({"book     ", origin.book_digest}, width) + fold({"log      ", log}, width);
}

std::vector<Column> period_columns() {
    return {{"period"},
            {"state"},
            {"from"},
            {"to"},
            {"statements", Align::right},
            {"lines", Align::right},
            {"total", Align::right},
            {"currency"},
            {"closed_at"},
            {"record", Align::right}};
}

std::vector<std::string> period_cells(const PeriodRow& row, RowFormat format) {
    std::vector<std::string> cells{row.period,
                                   row.closed ? "closed" : "open",
                                   format_rfc3339(row.during.start),
                                   format_rfc3339(row.during.end)};
    if (!row.closed) {
        cells.resize(period_columns().size());
        return cells;
    }
    cells.insert(cells.end(),
                 {std::to_string(row.statements),
                  std::to_string(row.lines),
                  format == RowFormat::table ? minor_unit_text(row.total, row.closed->currency)
                                             : row.total.to_string(),
                  row.closed->currency,
                  format_rfc3339(row.closed->closing->at),
                  std::to_string(row.closed->closing->record)});
    return cells;
}

std::string period_json(const PeriodRow& row) {
    if (!row.closed) {
        JsonObject object;
        object.add("period", row.period);
        object.add("state", "open");
        object.add("from", format_rfc3339(row.during.start));
        object.add("to", format_rfc3339(row.during.end));
        return object.text();
    }
    JsonObject object = origin_json(*row.closed);
    object.add_json("statements", std::to_string(row.statements));
    object.add_json("lines", std::to_string(row.lines));
    object.add("total", row.total.to_string());
    return object.text();
}

}  // namespace

std::vector<Column> statement_columns() {
    return {{"period"},
            {"line", Align::right},
            {"tenant"},
            {"provider"},
            {"service_type"},
            {"instance_id"},
            {"meter"},
            {"rate"},
            {"state"},
            {"charge_start"},
            {"charge_end"},
            {"billed_seconds", Align::right},
            {"quantity", Align::right},
            {"unit"},
            {"unit_price", Align::right},
            {"cost", Align::right},
            {"currency"},
            {"corrects", Align::right},
            {"kind"}};
}

std::vector<std::string> statement_cells(const StatementLine& line) {
    return {line.period,
            std::to_string(line.line),
            line.tenant,
            line.provider,
            line.service_type,
            line.instance,
            line.meter,
            line.rate,
            line.state,
            format_rfc3339(line.charge.start),
            format_rfc3339(line.charge.end),
            format_seconds(line.billed),
            quantity_text(line).value_or(""),
            line.unit,
            unit_price_text(line).value_or(""),
            line.cost.to_string(),
            line.currency,
            corrects_text(line),
            std::string(statement_line_kind_name(line.kind))};
}

void append_statement_json(std::string& out, const StatementLine& line) {
    out += line_json(line).text();
    out += '\n';
}

StatementPrinter::StatementPrinter(Heading heading,
                                   RowFormat format,
                                   std::size_t width,
                                   RowPrinter::Print print)
    : heading_(std::move(heading)), format_(format), width_(width), print_(std::move(print)) {
    if (format_ == RowFormat::json) {
        JsonObject object = origin_json(heading_.origin);
        object.add_json("statements", totals_json(heading_.totals));
        const std::string members = object.text();
        print_(members.substr(0, members.size() - 1) + ",\"lines\":[");
    } else {
        rows_.emplace(format_ == RowFormat::table ? table_columns() : statement_columns(),
                      format_,
                      width_,
                      print_);
    }
}

void StatementPrinter::add(const StatementLine& line) {
    if (rows_) {
        rows_->add(
            [&] { return format_ == RowFormat::table ? table_cells(line) : statement_cells(line); },
            [&] { return line_json(line).text(); });
    } else {
        print_((has_lines_ ? ",\n" : "\n") + line_json(line).text());
        has_lines_ = true;
    }
}

void StatementPrinter::finish() {
    if (!rows_) {
        print_(has_lines_ ? "\n]}\n" : "]}\n");
        return;
    }
    rows_->finish();
    if (format_ == RowFormat::table) {
        print_('\n' + totals_text(heading_.totals, heading_.origin, width_) + '\n' +
               origin_text(heading_.origin, width_));
    }
}

PeriodPrinter::PeriodPrinter(RowFormat format, std::size_t width, RowPrinter::Print print)
    : format_(format), rows_(period_columns(), format, width, std::move(print)) {}

void PeriodPrinter::add(const PeriodRow& row) {
    rows_.add([&] { return period_cells(row, format_); }, [&] { return period_json(row); });
}

}  // namespace dcm::billing
