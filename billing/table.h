#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::billing {

enum class Align {
    left,   // text: may be cut to fit a terminal, but not to a few letters
    right,  // a number: never cut, never taken for a formula
};

struct Column {
    std::string name;
    Align align = Align::left;
};

// Rows under named columns, for a terminal or for CSV. The same cells give the same bytes.
class Table {
public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    // As many cells as there are columns.
    void add_row(std::vector<std::string> cells);

    [[nodiscard]] bool empty() const { return rows_.empty(); }

    // For people: a header and aligned rows, each within `width` columns of the terminal; 0 means
    // without limit. Texts are cut with `…`, the widest first, as long as they stay readable; where
    // that is not enough every row becomes a block of `column  value` lines, whole and without what
    // is empty. Controls and escapes are written out.
    [[nodiscard]] std::string text(std::size_t width) const;

    // For programs: RFC 4180 with a header.
    [[nodiscard]] std::string csv() const;

private:
    using Cells = std::vector<std::string>;

    [[nodiscard]] std::vector<std::size_t> widths_of(const std::vector<Cells>& lines) const;
    // Whether the widths could be made to fit.
    [[nodiscard]] bool shrink(std::vector<std::size_t>& widths, std::size_t width) const;
    [[nodiscard]] std::string aligned(const Cells& cells,
                                      const std::vector<std::size_t>& widths) const;
    [[nodiscard]] static std::string blocks(const std::vector<Cells>& lines, std::size_t width);

    std::vector<Column> columns_;
    std::vector<Cells> rows_;
};

// One record of CSV with its CR LF. A text that a spreadsheet would read as a formula (it begins
// with = + - @, narrow or full-width, TAB, CR or LF, spaces before it not counted) gets an
// apostrophe in front; numbers stay as they are.
void append_csv_header(std::string& out, std::span<const Column> columns);
void append_csv_row(std::string& out,
                    std::span<const Column> columns,
                    std::span<const std::string> cells);

}  // namespace dcm::billing
