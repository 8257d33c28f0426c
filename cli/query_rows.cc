#include "cli/query_rows.h"

#include "base/encoding.h"
#include "base/result.h"
#include "billing/json_text.h"
#include "billing/terminal_text.h"

#include <set>
#include <utility>

namespace dcm::cli {
namespace {

using billing::Align;
using billing::RowFormat;
using store::QueryValue;
using Kind = store::QueryValue::Kind;

// Integers of at most this many digits are exact in every JSON reader, and few of one more are.
constexpr std::string_view kExactIntegerMax = "9007199254740992";  // 2^53

bool is_number(const QueryValue& value) {
    return value.kind == Kind::integer || value.kind == Kind::real;
}

std::string cell_of(const QueryValue& value) {
    return value.kind == Kind::blob ? base64_encode(as_bytes(value.text)) : value.text;
}

// A terminal may show the file, too; JSON has what is exact. Line feeds stay, within quotation
// marks.
std::string visible_lines(std::string_view text) {
    std::string lines;
    while (true) {
        const std::size_t end = text.find('\n');
        lines += billing::visible_text(text.substr(0, end));
        if (end == std::string_view::npos) {
            return lines;
        }
        lines += '\n';
        text.remove_prefix(end + 1);
    }
}

bool is_exact(std::string_view integer) {
    const std::string_view digits = integer.substr(integer.starts_with('-') ? 1 : 0);
    return digits.size() < kExactIntegerMax.size() ||
           (digits.size() == kExactIntegerMax.size() && digits <= kExactIntegerMax);
}

std::string json_of(const QueryValue& value) {
    switch (value.kind) {
        case Kind::null:
            return "null";
        case Kind::integer:
            return is_exact(value.text) ? value.text : billing::json_string(value.text);
        case Kind::real:
            // Infinity is no number in JSON.
            return value.text.ends_with("Inf") ? billing::json_string(value.text) : value.text;
        case Kind::text:
            return is_utf8(value.text)
                       ? billing::json_string(value.text)
                       : R"({"base64":")" + base64_encode(as_bytes(value.text)) + "\"}";
        case Kind::blob:
            return billing::json_string(base64_encode(as_bytes(value.text)));
    }
    DCM_CHECK(false);
    return "";
}

std::vector<billing::Column> columns_named(const std::vector<std::string>& names) {
    std::vector<billing::Column> columns;
    columns.reserve(names.size());
    for (const std::string& name : names) {
        columns.push_back({name, Align::left});
    }
    return columns;
}

void require_different(const std::vector<std::string>& names) {
    std::set<std::string_view> seen;
    for (const std::string& name : names) {
        if (!seen.insert(name).second) {
            throw Failure(ErrorKind::usage,
                          "query: two columns are named " + name +
                              ", which JSON cannot tell apart: name them with AS");
        }
    }
}

}  // namespace

QueryRows::QueryRows(std::vector<std::string> names, RowFormat format, std::size_t width)
    : names_(std::move(names)), format_(format), width_(width) {
    if (format_ == RowFormat::json || format_ == RowFormat::jsonl) {
        require_different(names_);
    }
}

std::string QueryRows::add(const std::vector<QueryValue>& row) {
    const bool is_first = !std::exchange(has_rows_, true);
    switch (format_) {
        case RowFormat::table:
            rows_.push_back(row);
            return "";
        case RowFormat::csv: {
            std::string header;
            if (is_first) {
                billing::append_csv_header(header, columns_named(names_));
            }
            return header + csv_row(row);
        }
        case RowFormat::json:
            return (is_first ? "[\n" : ",\n") + json_row(row);
        case RowFormat::jsonl:
            return json_row(row) + '\n';
    }
    DCM_CHECK(false);
    return "";
}

std::string QueryRows::finish() {
    std::vector<billing::Column> columns = columns_named(names_);
    switch (format_) {
        case RowFormat::table:
            break;
        case RowFormat::csv: {
            std::string header;
            if (!has_rows_) {
                billing::append_csv_header(header, columns);
            }
            return header;
        }
        case RowFormat::json:
            return has_rows_ ? "\n]\n" : "[]\n";
        case RowFormat::jsonl:
            return "";
    }
    // As its first value is: a column has one type, or hardly any.
    for (std::size_t i = 0; !rows_.empty() && i < columns.size(); ++i) {
        columns[i].align = is_number(rows_.front()[i]) ? Align::right : Align::left;
    }
    billing::Table table(columns);
    for (const std::vector<QueryValue>& row : rows_) {
        std::vector<std::string> cells;
        cells.reserve(row.size());
        for (const QueryValue& value : row) {
            cells.push_back(cell_of(value));
        }
        table.add_row(std::move(cells));
    }
    return table.text(width_);
}

// A number stays one; anything else may not be taken for a formula.
std::string QueryRows::csv_row(const std::vector<QueryValue>& row) const {
    std::vector<billing::Column> columns = columns_named(names_);
    std::vector<std::string> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
        columns[i].align = is_number(row[i]) ? Align::right : Align::left;
        cells.push_back(visible_lines(cell_of(row[i])));
    }
    std::string text;
    billing::append_csv_row(text, columns, cells);
    return text;
}

std::string QueryRows::json_row(const std::vector<QueryValue>& row) const {
    billing::JsonObject object;
    for (std::size_t i = 0; i < row.size(); ++i) {
        object.add_json(names_[i], json_of(row[i]));
    }
    return object.text();
}

}  // namespace dcm::cli
