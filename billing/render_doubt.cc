#include "billing/render_doubt.h"

#include "billing/json_text.h"
#include "billing/render_report.h"
#include "billing/table.h"

#include <utility>

namespace dcm::billing {
namespace {

constexpr std::string_view kAnyCause = "any";

Table table_of(const DoubtReport& report) {
    std::vector<Column> columns{{"cause"}};
    for (const GroupKey key : report.group_by) {
        columns.push_back({std::string(group_key_name(key))});
    }
    columns.push_back({"usage_seconds", Align::right});
    columns.push_back({"unpriced_seconds", Align::right});
    columns.push_back({"cost", Align::right});
    columns.push_back({"currency"});
    Table table(std::move(columns));
    for (const DoubtLine& line : report.lines) {
        std::vector<std::string> cells{line.cause};
        cells.insert(cells.end(), line.keys.begin(), line.keys.end());
        cells.push_back(line.sums.usage_seconds.to_string());
        cells.push_back(line.sums.unpriced_seconds.to_string());
        cells.push_back(line.sums.cost.to_string());
        cells.push_back(report.currency);
        table.add_row(std::move(cells));
    }
    return table;
}

Table causes_of(const DoubtReport& report) {
    Table table({{"cause"},
                 {"usage_seconds", Align::right},
                 {"unpriced_seconds", Align::right},
                 {"cost", Align::right},
                 {"currency"}});
    const auto add = [&](std::string_view cause, const DoubtSums& sums) {
        table.add_row({std::string(cause),
                       sums.usage_seconds.to_string(),
                       sums.unpriced_seconds.to_string(),
                       sums.cost.to_string(),
                       report.currency});
    };
    for (const auto& [cause, sums] : report.causes) {
        add(cause, sums);
    }
    add(kAnyCause, report.any);
    return table;
}

void add_sums(const DoubtSums& sums, JsonObject& object) {
    object.add("usage_seconds", sums.usage_seconds.to_string());
    object.add("unpriced_seconds", sums.unpriced_seconds.to_string());
    object.add("cost", sums.cost.to_string());
}

JsonObject line_json(const DoubtReport& report, const DoubtLine& line) {
    JsonObject object;
    object.add("cause", line.cause);
    for (std::size_t i = 0; i < line.keys.size(); ++i) {
        object.add(group_key_name(report.group_by[i]), line.keys[i]);
    }
    add_sums(line.sums, object);
    return object;
}

std::string cause_json(std::string_view cause, const DoubtSums& sums) {
    JsonObject object;
    object.add("cause", cause);
    add_sums(sums, object);
    return object.text();
}

void add_item(std::string& list, const std::string& json) {
    list += list.empty() ? "" : ",";
    list += json;
}

}  // namespace

std::string doubt_text(const DoubtReport& report, const ReportOrigin& origin, std::size_t width) {
    std::string out = table_of(report).text(width);
    out += '\n' + causes_of(report).text(width);
    out += '\n';
    return out + origin_text(origin, report.timezone, width);
}

std::string doubt_csv(const DoubtReport& report) {
    return table_of(report).csv();
}

std::string doubt_json(const DoubtReport& report, const ReportOrigin& origin) {
    std::string lines;
    for (const DoubtLine& line : report.lines) {
        add_item(lines, line_json(report, line).text());
    }
    std::string causes;
    for (const auto& [cause, sums] : report.causes) {
        add_item(causes, cause_json(cause, sums));
    }
    std::string keys;
    for (const GroupKey key : report.group_by) {
        add_item(keys, json_string(group_key_name(key)));
    }
    JsonObject object;
    add_origin(object, origin, report.timezone, report.currency);
    object.add_json("group_by", '[' + keys + ']');
    object.add_json("lines", '[' + lines + ']');
    object.add_json("causes", '[' + causes + ']');
    object.add_json("any", cause_json(kAnyCause, report.any));
    return object.text() + '\n';
}

std::string doubt_jsonl(const DoubtReport& report) {
    std::string out;
    for (const DoubtLine& line : report.lines) {
        JsonObject object = line_json(report, line);
        object.add("currency", report.currency);
        out += object.text() + '\n';
    }
    return out;
}

}  // namespace dcm::billing
