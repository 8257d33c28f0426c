#include "billing/render_comparison.h"

#include "billing/minor_unit_text.h"
#include "billing/render_report.h"
#include "billing/table.h"

#include <utility>

namespace dcm::billing {
namespace {

// As wide as in every text that says where figures come from.
constexpr std::size_t kLabelWidth = 9;

std::optional<std::string> percent_text(const Difference& difference) {
    return difference.percent.has_value() ? std::optional(difference.percent->to_string())
                                          : std::nullopt;
}

std::string during_text(Period during) {
    return format_rfc3339(during.start) + " to " + format_rfc3339(during.end);
}

// The two costs under the names of their periods.
Table table_of(const Comparison& comparison, const ComparisonContext& context) {
    std::vector<Column> columns;
    for (const GroupKey key : comparison.report.group_by) {
        columns.push_back({std::string(group_key_name(key))});
    }
    columns.push_back({context.other, Align::right});
    columns.push_back({context.period, Align::right});
    columns.push_back({"difference", Align::right});
    columns.push_back({"percent", Align::right});
    columns.push_back({"currency"});
    Table table(std::move(columns));
    for (const ComparedLine& line : comparison.lines) {
        std::vector<std::string> cells = line.line.keys;
        cells.push_back(line.other.cost.to_string());
        cells.push_back(line.line.cost.to_string());
        cells.push_back(line.difference.amount.to_string());
        cells.push_back(percent_text(line.difference).value_or(""));
        cells.push_back(comparison.report.currency);
        table.add_row(std::move(cells));
    }
    return table;
}

std::string total_text(std::string label, const Report& report) {
    label.resize(kLabelWidth, ' ');
    return label + report.total.to_string() + ' ' + report.currency + ", rounded " +
           minor_unit_text(report.total_rounded, report.currency) + '\n';
}

std::string difference_text(const Comparison& comparison) {
    const Difference& difference = comparison.difference;
    const auto percent = percent_text(difference);
    return difference.amount.to_string() + ' ' + comparison.report.currency +
           (percent ? ", " + *percent + " %" : "");
}

void add_difference(JsonObject& object, const Difference& difference) {
    object.add("difference", difference.amount.to_string());
    object.add_or_null("percent", percent_text(difference));
}

std::string line_json(const Comparison& comparison, const ComparedLine& line) {
    JsonObject other;
    other.add("usage_seconds", line.other.usage_seconds.to_string());
    other.add("billed_seconds", line.other.billed_seconds.to_string());
    other.add("cost", line.other.cost.to_string());
    JsonObject object = report_line_json(comparison.report, line.line);
    object.add_json("compared", other.text());
    add_difference(object, line.difference);
    return object.text();
}

std::string other_json(const Report& other, const ComparisonContext& context) {
    JsonObject object;
    object.add("from", format_rfc3339(context.other_during.start));
    object.add("to", format_rfc3339(context.other_during.end));
    object.add("unrated_seconds", other.unrated_seconds.to_string());
    object.add("total", other.total.to_string());
    object.add("total_rounded", other.total_rounded.to_string());
    return object.text();
}

}  // namespace

std::string comparison_text(const Comparison& comparison,
                            const ComparisonContext& context,
                            std::size_t width) {
    const Report& report = comparison.report;
    const Report& other = comparison.other;
    std::string out = table_of(comparison, context).text(width);
    out += '\n' + total_text("total", report) + total_text(context.other, other);
    out += "differs  " + difference_text(comparison) + '\n';
    out += "unrated  " + report.unrated_seconds.to_string() + " s; in " + context.other + ' ' +
           other.unrated_seconds.to_string() + " s\n";
    out += "against  " + during_text(context.other_during) + '\n';
    out += billed_text(report, width) + billed_text(other, width);
    return out + origin_text(context.origin, report.timezone, width);
}

std::string comparison_csv(const Comparison& comparison) {
    std::vector<Column> columns = report_columns(comparison.report);
    columns.push_back({"compared_usage_seconds", Align::right});
    columns.push_back({"compared_billed_seconds", Align::right});
    columns.push_back({"compared_cost", Align::right});
    columns.push_back({"difference", Align::right});
    columns.push_back({"percent", Align::right});
    Table table(std::move(columns));
    for (const ComparedLine& line : comparison.lines) {
        std::vector<std::string> cells = report_cells(comparison.report, line.line);
        cells.push_back(line.other.usage_seconds.to_string());
        cells.push_back(line.other.billed_seconds.to_string());
        cells.push_back(line.other.cost.to_string());
        cells.push_back(line.difference.amount.to_string());
        cells.push_back(percent_text(line.difference).value_or(""));
        table.add_row(std::move(cells));
    }
    return table.csv();
}

std::string comparison_json(const Comparison& comparison, const ComparisonContext& context) {
    std::string lines;
    for (const ComparedLine& line : comparison.lines) {
        lines += lines.empty() ? "" : ",";
        lines += line_json(comparison, line);
    }
    JsonObject object = report_object(comparison.report, context.origin, lines);
    object.add_json("compared", other_json(comparison.other, context));
    add_difference(object, comparison.difference);
    return object.text() + '\n';
}

std::string comparison_jsonl(const Comparison& comparison) {
    std::string out;
    for (const ComparedLine& line : comparison.lines) {
        JsonObject object = report_line_json(comparison.report, line.line);
        object.add("currency", comparison.report.currency);
        object.add("compared_usage_seconds", line.other.usage_seconds.to_string());
        object.add("compared_billed_seconds", line.other.billed_seconds.to_string());
        object.add("compared_cost", line.other.cost.to_string());
        add_difference(object, line.difference);
        out += object.text() + '\n';
    }
    return out;
}

}  // namespace dcm::billing
