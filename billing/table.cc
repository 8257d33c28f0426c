#include "billing/table.h"

#include "base/check.h"
#include "billing/formula.h"
#include "billing/terminal_text.h"

#include <algorithm>
#include <numeric>

namespace dcm::billing {
namespace {

constexpr std::string_view kGap = "  ";
// A text is cut to no less than what a time takes, 2026-05-01T10:00:00.000000Z, so that times are
// never cut and ids can be told apart.
constexpr std::size_t kTextWidthMin = 27;
// What makes CSV quote a cell.
constexpr std::string_view kNeedQuotes = ",\"\r\n";

void append_csv_cell(std::string& out, std::string_view cell, Align align) {
    const bool is_formula = align == Align::left && reads_as_formula(cell);
    const bool quoted = cell.find_first_of(kNeedQuotes) != std::string_view::npos;
    out += quoted ? "\"" : "";
    out += is_formula ? "'" : "";
    for (const char c : cell) {
        out.append(c == '"' ? 2 : 1, c);
    }
    out += quoted ? "\"" : "";
}

std::size_t total_width(const std::vector<std::size_t>& widths) {
    const std::size_t gaps = widths.empty() ? 0 : (widths.size() - 1) * kGap.size();
    return std::accumulate(widths.begin(), widths.end(), gaps);
}

}  // namespace

void append_csv_header(std::string& out, std::span<const Column> columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out += i > 0 ? "," : "";
        append_csv_cell(out, columns[i].name, Align::left);
    }
    out += "\r\n";
}

void append_csv_row(std::string& out,
                    std::span<const Column> columns,
                    std::span<const std::string> cells) {
    DCM_CHECK(columns.size() == cells.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        out += i > 0 ? "," : "";
        append_csv_cell(out, cells[i], columns[i].align);
    }
    out += "\r\n";
}

void Table::add_row(std::vector<std::string> cells) {
    DCM_CHECK(cells.size() == columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::csv() const {
    std::string out;
    append_csv_header(out, columns_);
    for (const Cells& row : rows_) {
        append_csv_row(out, columns_, row);
    }
    return out;
}

std::string Table::text(std::size_t width) const {
    std::vector<Cells> lines(1);
    lines.reserve(rows_.size() + 1);
    for (const Column& column : columns_) {
        lines.front().push_back(column.name);
    }
    for (const Cells& row : rows_) {
        Cells& line = lines.emplace_back();
        for (const std::string& cell : row) {
            line.push_back(visible_text(cell));
        }
    }
    std::vector<std::size_t> widths = widths_of(lines);
    if (width > 0 && !shrink(widths, width)) {
        return blocks(lines, width);
    }
    std::string out;
    for (const Cells& line : lines) {
        out += aligned(line, widths) + '\n';
    }
    return out;
}

std::vector<std::size_t> Table::widths_of(const std::vector<Cells>& lines) const {
    std::vector<std::size_t> widths(columns_.size(), 0);
    for (const Cells& line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(line[i]));
        }
    }
    return widths;
}

bool Table::shrink(std::vector<std::size_t>& widths, std::size_t width) const {
    for (std::size_t total = total_width(widths); total > width; --total) {
        std::size_t widest = widths.size();
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const bool can_shrink = columns_[i].align == Align::left && widths[i] > kTextWidthMin;
            if (can_shrink && (widest == widths.size() || widths[i] > widths[widest])) {
                widest = i;
            }
        }
        if (widest == widths.size()) {
            return false;
        }
        --widths[widest];
    }
    return true;
}

std::string Table::aligned(const Cells& cells, const std::vector<std::size_t>& widths) const {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::string cell = cut_to_width(cells[i], widths[i]);
        const std::string padding(widths[i] - display_width(cell), ' ');
        out += i > 0 ? kGap : "";
        out += columns_[i].align == Align::right ? padding + cell : cell + padding;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

std::string Table::blocks(const std::vector<Cells>& lines, std::size_t width) {
    const Cells& names = lines.front();
    std::size_t name_width = 0;
    for (const std::string& name : names) {
        name_width = std::max(name_width, display_width(name));
    }
    std::string out;
    for (std::size_t row = 1; row < lines.size(); ++row) {
        out += row > 1 ? "\n" : "";
        for (std::size_t i = 0; i < names.size(); ++i) {
            const std::string& cell = lines[row][i];
            if (cell.empty()) {
                continue;
            }
            const std::string padding(name_width - display_width(names[i]), ' ');
            out += fold({names[i] + padding + std::string(kGap), cell}, width);
        }
    }
    return out;
}

}  // namespace dcm::billing
