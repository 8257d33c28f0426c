#pragma once

#include "billing/render_usage.h"
#include "billing/table.h"
#include "store/audit_query.h"

#include <cstddef>
#include <string>
#include <vector>

namespace dcm::cli {

// Rows of a query in one of the formats (docs/sql.md). JSON is exact: integers beyond 2^53 are
// strings, blobs base64, text that is no UTF-8 an object with `base64`. Table and CSV are safe for
// terminals and spreadsheets; NULL is empty there.
class QueryRows {
public:
    // Throws Failure (usage) for JSON where two columns have one name.
    QueryRows(std::vector<std::string> names, billing::RowFormat format, std::size_t width);

    // What is to be printed now, because of this row or at the end; a table comes at the end.
    [[nodiscard]] std::string add(const std::vector<store::QueryValue>& row);
    [[nodiscard]] std::string finish();

private:
    [[nodiscard]] std::string csv_row(const std::vector<store::QueryValue>& row) const;
    [[nodiscard]] std::string json_row(const std::vector<store::QueryValue>& row) const;

    std::vector<std::string> names_;
    billing::RowFormat format_;
    std::size_t width_;
    std::vector<std::vector<store::QueryValue>> rows_;  // of a table
    bool has_rows_ = false;
};

}  // namespace dcm::cli
