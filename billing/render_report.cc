#include "billing/render_report.h"

#include "base/shown.h"
#include "billing/json_text.h"
#include "billing/minor_unit_text.h"
#include "billing/table.h"
#include "billing/terminal_text.h"

#include <utility>

namespace dcm::billing {
namespace {

std::string group_by_json(const Report& report) {
    std::string names;
    for (const GroupKey key : report.group_by) {
        names += names.empty() ? "" : ",";
        names += json_string(group_key_name(key));
    }
    return '[' + names + ']';
}

Table table_of(const Report& report) {
    Table table(report_columns(report));
    for (const ReportLine& line : report.lines) {
        table.add_row(report_cells(report, line));
    }
    return table;
}

}  // namespace

std::optional<std::string> time_text(const std::optional<Instant>& at) {
    return at.has_value() ? std::optional(format_rfc3339(*at)) : std::nullopt;
}

std::vector<Column> report_columns(const Report& report) {
    std::vector<Column> columns;
    for (const GroupKey key : report.group_by) {
        columns.push_back({std::string(group_key_name(key))});
    }
    columns.push_back({"usage_seconds", Align::right});
    columns.push_back({"billed_seconds", Align::right});
    columns.push_back({"cost", Align::right});
    columns.push_back({"currency"});
    return columns;
}

std::vector<std::string> report_cells(const Report& report, const ReportLine& line) {
    std::vector<std::string> cells = line.keys;
    cells.push_back(line.usage_seconds.to_string());
    cells.push_back(line.billed_seconds.to_string());
    cells.push_back(line.cost.to_string());
    cells.push_back(report.currency);
    return cells;
}

JsonObject report_line_json(const Report& report, const ReportLine& line) {
    JsonObject object;
    for (std::size_t i = 0; i < line.keys.size(); ++i) {
        object.add(group_key_name(report.group_by[i]), line.keys[i]);
    }
    object.add("usage_seconds", line.usage_seconds.to_string());
    object.add("billed_seconds", line.billed_seconds.to_string());
    object.add("cost", line.cost.to_string());
    return object;
}

JsonObject report_object(const Report& report,
                         const ReportOrigin& origin,
                         const std::string& lines) {
    JsonObject object;
    add_origin(object, origin, report.timezone, report.currency);
    object.add_json("group_by", group_by_json(report));
    object.add_json("lines", '[' + lines + ']');
    object.add("unrated_seconds", report.unrated_seconds.to_string());
    object.add("total", report.total.to_string());
    object.add("total_rounded", report.total_rounded.to_string());
    return object;
}

std::string origin_text(const ReportOrigin& origin,
                        const std::string& timezone,
                        std::size_t width) {
    const std::string during = time_text(origin.from).value_or("the beginning") + " to " +
                               time_text(origin.to).value_or("the end") + ", days in " + timezone;
    const std::string log = std::to_string(origin.log_size) + " records, root " + origin.log_root;
    return fold({"from     ", during}, width) +
           fold({"as of    ", format_rfc3339(origin.as_of)}, width) +
           fold({"book     ", origin.book_digest}, width) + fold({"log      ", log}, width);
}

std::string billed_text(const BilledMonth& month, const std::string& currency) {
    return minor_unit_text(month.total, currency) + ' ' + currency + " for " + month.period +
           ", closed " + format_rfc3339(month.closed_at) + ", in " +
           std::to_string(month.statements.size()) +
           (month.statements.size() == 1 ? " statement" : " statements") +
           ": dcm-billing statement show " + month.period +
           (month.tenant.empty() ? "" : " --tenant " + shell_word(month.tenant));
}

std::string billed_text(const Report& report, std::size_t width) {
    std::string out;
    for (const BilledMonth& month : report.billed) {
        out += fold({"billed   ", visible_text(billed_text(month, report.currency))}, width);
    }
    return out;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): in the order of the object.
void add_origin(JsonObject& object,
                const ReportOrigin& origin,
                const std::string& timezone,
                const std::string& currency) {
    JsonObject log;
    log.add_json("size", std::to_string(origin.log_size));
    log.add("root", origin.log_root);
    object.add_or_null("from", time_text(origin.from));
    object.add_or_null("to", time_text(origin.to));
    object.add("as_of", format_rfc3339(origin.as_of));
    object.add("timezone", timezone);
    object.add("currency", currency);
    object.add("book", origin.book_digest);
    object.add_json("log", log.text());
}

std::string report_text(const Report& report, const ReportOrigin& origin, std::size_t width) {
    std::string out = table_of(report).text(width);
    out += "\ntotal    " + report.total.to_string() + ' ' + report.currency + ", rounded " +
           minor_unit_text(report.total_rounded, report.currency) + '\n';
    out += "unrated  " + report.unrated_seconds.to_string() + " s\n";
    return out + billed_text(report, width) + origin_text(origin, report.timezone, width);
}

std::string report_csv(const Report& report) {
    return table_of(report).csv();
}

std::string report_json(const Report& report, const ReportOrigin& origin) {
    std::string lines;
    for (const ReportLine& line : report.lines) {
        lines += lines.empty() ? "" : ",";
        lines += report_line_json(report, line).text();
    }
    return report_object(report, origin, lines).text() + '\n';
}

std::string report_jsonl(const Report& report) {
    std::string out;
    for (const ReportLine& line : report.lines) {
        JsonObject object = report_line_json(report, line);
        object.add("currency", report.currency);
        out += object.text() + '\n';
    }
    return out;
}

}  // namespace dcm::billing
