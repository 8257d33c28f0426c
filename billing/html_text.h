#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dcm::billing {

// The text as it may stand in an HTML page, between tags or in a quoted attribute: nothing in it is
// markup, and what would turn or hide what is shown is written out.
[[nodiscard]] std::string html_text(std::string_view text);

// A table of a page, each row with as many cells as there are columns. Numbers stand with their
// points below each other; each cell names its column, for a screen too narrow for columns.
struct HtmlTable {
    std::string caption;
    struct Column {
        std::string name;
        bool is_number = false;
    };
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;
    std::string empty;  // what is said where there is no row
};
[[nodiscard]] std::string html_table(const HtmlTable& table);

}  // namespace dcm::billing
