#include "billing/html_text.h"

#include "base/check.h"
#include "billing/terminal_text.h"

namespace dcm::billing {
namespace {

std::string cell_html(const HtmlTable::Column& column,
                      const std::string& tag,
                      const std::string& text) {
    return '<' + tag + (column.is_number ? " class=\"number\">" : ">") + html_text(text) + "</" +
           tag + '>';
}

}  // namespace

std::string html_text(std::string_view text) {
    std::string out;
    for (const char c : visible_text(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string html_table(const HtmlTable& table) {
    std::string out = "<section>\n<h2>" + html_text(table.caption) + "</h2>\n";
    if (table.rows.empty()) {
        return out + "<p>" + html_text(table.empty) + "</p>\n</section>\n";
    }
    out += "<table>\n<thead><tr>";
    for (const HtmlTable::Column& column : table.columns) {
        out += cell_html(column, "th", column.name);
    }
    out += "</tr></thead>\n<tbody>\n";
    for (const std::vector<std::string>& row : table.rows) {
        DCM_CHECK(row.size() == table.columns.size());
        out += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += cell_html(table.columns[i], "td", row[i]);
        }
        out += "</tr>\n";
    }
    return out + "</tbody>\n</table>\n</section>\n";
}

}  // namespace dcm::billing
