#pragma once

#include "billing/statement.h"
#include "exports/plan.h"
#include "focus/charge.h"

#include <functional>
#include <string>
#include <vector>

namespace dcm::exports {

// How lines become the text of a file.
struct RowFormat {
    std::vector<std::string> columns;
    std::function<void(std::string& out)> append_header;
    std::function<void(std::string& out, const billing::StatementLine& line)> append_row;
};

// The columns of a format, or its members.
[[nodiscard]] std::vector<std::string> format_columns(Format format);
[[nodiscard]] RowFormat row_format(Format format, const focus::ChargedPeriod& period);

}  // namespace dcm::exports
