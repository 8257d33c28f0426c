#pragma once

#include "billing/render_usage.h"
#include "billing/statement.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// A line as one JSON object with a line feed, members as the columns of v_statement_line and `kind`
// last. What a closed period's `lines_sha256` is the hash of.
void append_statement_json(std::string& out, const StatementLine& line);

// The columns of `statement show` as CSV: the same, in that order.
[[nodiscard]] std::vector<Column> statement_columns();
[[nodiscard]] std::vector<std::string> statement_cells(const StatementLine& line);

// `statement show`: the lines of a period's statements as they come, with the totals.
class StatementPrinter {
public:
    struct Heading {
        StatementOrigin origin;
        std::vector<StatementTotal> totals;
    };
    StatementPrinter(Heading heading, RowFormat format, std::size_t width, RowPrinter::Print print);

    void add(const StatementLine& line);
    void finish();

private:
    Heading heading_;
    RowFormat format_;
    std::size_t width_;
    RowPrinter::Print print_;
    std::optional<RowPrinter> rows_;  // but for the one object of json
    bool has_lines_ = false;
};

// A row of `period list`.
struct PeriodRow {
    std::string period;
    Period during;
    std::optional<StatementOrigin> closed;
    std::int64_t statements = 0;
    std::int64_t lines = 0;
    Decimal total;  // of the statements, each rounded
};

class PeriodPrinter {
public:
    PeriodPrinter(RowFormat format, std::size_t width, RowPrinter::Print print);
    void add(const PeriodRow& row);
    void finish() { rows_.finish(); }

private:
    RowFormat format_;
    RowPrinter rows_;
};

}  // namespace dcm::billing
