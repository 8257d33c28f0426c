#pragma once

#include "focus/charge.h"
#include "focus/csv_writer.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::focus {

// A column with what goes into it, one cell for a charge.
struct FilledColumn {
    std::string_view name;
    void (*fill)(CsvWriter& row, const ChargedPeriod& period, const Charge& charge);
};

// A version of the FOCUS Cost and Usage table: the columns a biller by status events can honestly
// fill, in order, custom ones last. Another version is another table of the same fills.
struct FocusTable {
    std::string_view version;
    std::span<const FilledColumn> columns;
};

[[nodiscard]] const FocusTable& focus_1_2();

[[nodiscard]] std::vector<std::string> column_names(const FocusTable& table);

// The header and the rows of a file, appended to a text.
class FocusWriter {
public:
    FocusWriter(const FocusTable& table, ChargedPeriod period, std::string& out);

    void header();
    void row(const Charge& charge);

private:
    const FocusTable& table_;
    ChargedPeriod period_;
    CsvWriter csv_;
};

}  // namespace dcm::focus
