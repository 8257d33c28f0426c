#include "billing/render_usage.h"

#include "billing/json_text.h"

#include <utility>

namespace dcm::billing {
namespace {

constexpr std::string_view kDoubtful = "doubtful";

std::vector<Column> usage_columns() {
    return {{"service_type"},
            {"instance"},
            {"provider"},
            {"state"},
            {"start"},
            {"end"},
            {"seconds", Align::right},
            {"opened_by_source"},
            {"opened_by_id"},
            {"closed_by_source"},
            {"closed_by_id"},
            {"flags"}};
}

// A terminal shows what happened when; who said so is for programs.
std::vector<Column> usage_table_columns() {
    std::vector<Column> columns = usage_columns();
    columns.erase(columns.begin() + 7, columns.begin() + 11);
    return columns;
}

std::vector<Column> instance_columns() {
    return {{"service_type"},
            {"instance"},
            {"provider"},
            {"status"},
            {"since"},
            {"last_seen"},
            {"events", Align::right}};
}

std::optional<std::string> end_text(const Interval& interval) {
    return interval.end.has_value() ? std::optional(format_rfc3339(*interval.end)) : std::nullopt;
}

std::optional<std::string> seconds_text(const Interval& interval) {
    return interval.end.has_value() ? std::optional(format_seconds(*interval.end - interval.start))
                                    : std::nullopt;
}

std::vector<std::string> usage_cells(const UsageRow& row, RowFormat format) {
    const Interval& interval = row.interval;
    std::vector<std::string> cells{row.key.service_type,
                                   row.key.instance,
                                   interval.provider,
                                   interval.state,
                                   format_rfc3339(interval.start),
                                   end_text(interval).value_or(""),
                                   seconds_text(interval).value_or("")};
    if (format == RowFormat::csv) {
        const Publication closed_by = row.closed_by.value_or(Publication{});
        cells.insert(cells.end(),
                     {row.opened_by.source, row.opened_by.id, closed_by.source, closed_by.id});
    }
    cells.emplace_back(row.is_doubtful ? kDoubtful : "");
    return cells;
}

std::string publication_json(const Publication& publication) {
    JsonObject object;
    object.add("source", publication.source);
    object.add("id", publication.id);
    return object.text();
}

std::string usage_json(const UsageRow& row) {
    JsonObject object;
    object.add("service_type", row.key.service_type);
    object.add("instance", row.key.instance);
    object.add("provider", row.interval.provider);
    object.add("state", row.interval.state);
    object.add("start", format_rfc3339(row.interval.start));
    object.add_or_null("end", end_text(row.interval));
    object.add_or_null("seconds", seconds_text(row.interval));
    object.add_json("opened_by", publication_json(row.opened_by));
    object.add_json("closed_by",
                    row.closed_by.has_value() ? publication_json(*row.closed_by) : "null");
    object.add_json("flags", row.is_doubtful ? '[' + json_string(kDoubtful) + ']' : "[]");
    return object.text();
}

}  // namespace

RowPrinter::RowPrinter(std::vector<Column> columns,
                       RowFormat format,
                       std::size_t width,
                       Print print)
    : columns_(columns),
      format_(format),
      width_(width),
      print_(std::move(print)),
      table_(std::move(columns)) {
    if (format_ == RowFormat::csv) {
        std::string header;
        append_csv_header(header, columns_);
        print_(header);
    }
}

void RowPrinter::add(const Cells& cells, const Json& json) {
    switch (format_) {
        case RowFormat::table:
            table_.add_row(cells());
            break;
        case RowFormat::csv: {
            std::string row;
            append_csv_row(row, columns_, cells());
            print_(row);
            break;
        }
        case RowFormat::json:
            print_((has_rows_ ? ",\n" : "[\n") + json());
            break;
        case RowFormat::jsonl:
            print_(json() + '\n');
            break;
    }
    has_rows_ = true;
}

void RowPrinter::finish() {
    if (format_ == RowFormat::table) {
        print_(table_.text(width_));
    } else if (format_ == RowFormat::json) {
        print_(has_rows_ ? "\n]\n" : "[]\n");
    }
}

UsagePrinter::UsagePrinter(RowFormat format, std::size_t width, RowPrinter::Print print)
    : format_(format),
      rows_(format == RowFormat::table ? usage_table_columns() : usage_columns(),
            format,
            width,
            std::move(print)) {}

void UsagePrinter::add(const UsageRow& row) {
    rows_.add([&] { return usage_cells(row, format_); }, [&] { return usage_json(row); });
}

InstancePrinter::InstancePrinter(RowFormat format, std::size_t width, RowPrinter::Print print)
    : rows_(instance_columns(), format, width, std::move(print)) {}

void InstancePrinter::add(const InstanceKey& key, const InstanceSummary& summary) {
    const std::string since = format_rfc3339(summary.since);
    const std::string last_seen = format_rfc3339(summary.last.time);
    const std::string events = std::to_string(summary.events);
    rows_.add(
        [&] {
            return std::vector<std::string>{key.service_type,
                                            key.instance,
                                            summary.provider,
                                            summary.status,
                                            since,
                                            last_seen,
                                            events};
        },
        [&] {
            JsonObject object;
            object.add("service_type", key.service_type);
            object.add("instance", key.instance);
            object.add("provider", summary.provider);
            object.add("status", summary.status);
            object.add("since", since);
            object.add("last_seen", last_seen);
            object.add_json("events", events);
            return object.text();
        });
}

bool is_silent(const LastSign& sign, const Heartbeats& heartbeats, Instant as_of) {
    const auto limit = heartbeats.find(sign.source);
    return limit != heartbeats.end() && as_of - sign.time > limit->second;
}

}  // namespace dcm::billing
