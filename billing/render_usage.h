#pragma once

#include "billing/intervals.h"
#include "billing/table.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::billing {

enum class RowFormat { table, csv, json, jsonl };

// Rows in one of the formats, handed on as they come; a table at the end, when its widths are
// known.
class RowPrinter {
public:
    using Print = std::function<void(std::string_view)>;

    // `width` is the terminal's, for a table; 0 for no limit.
    RowPrinter(std::vector<Column> columns, RowFormat format, std::size_t width, Print print);

    // A row as cells and as a JSON object; only what the format needs is asked for.
    using Cells = std::function<std::vector<std::string>()>;
    using Json = std::function<std::string()>;
    void add(const Cells& cells, const Json& json);
    [[nodiscard]] bool has_rows() const { return has_rows_; }
    void finish();

private:
    std::vector<Column> columns_;
    RowFormat format_;
    std::size_t width_;
    Print print_;
    Table table_;
    bool has_rows_ = false;
};

// Who published an event.
struct Publication {
    std::string source;
    std::string id;
};

// An interval as `usage` shows it.
struct UsageRow {
    const InstanceKey& key;
    const Interval& interval;
    Publication opened_by;
    std::optional<Publication> closed_by;
    bool is_doubtful = false;
};

// `usage`: sorted by the caller (service type, instance, start).
class UsagePrinter {
public:
    UsagePrinter(RowFormat format, std::size_t width, RowPrinter::Print print);
    void add(const UsageRow& row);
    [[nodiscard]] bool has_rows() const { return rows_.has_rows(); }
    void finish() { rows_.finish(); }

private:
    RowFormat format_;
    RowPrinter rows_;
};

// `instances`
class InstancePrinter {
public:
    InstancePrinter(RowFormat format, std::size_t width, RowPrinter::Print print);
    void add(const InstanceKey& key, const InstanceSummary& summary);
    [[nodiscard]] bool has_rows() const { return rows_.has_rows(); }
    void finish() { rows_.finish(); }

private:
    RowPrinter rows_;
};

// Whether an open interval is doubtful because its source, which repeats its state, has been silent
// for longer than the book allows (`heartbeats:`).
struct LastSign {
    std::string_view source;  // of the instance's last event
    Instant time;             // of that event
};
using Heartbeats = std::map<std::string, Duration, std::less<>>;
[[nodiscard]] bool is_silent(const LastSign& sign, const Heartbeats& heartbeats, Instant as_of);

}  // namespace dcm::billing
