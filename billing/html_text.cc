#include "billing/html_text.h"

#include "base/check.h"
#include "billing/terminal_text.h"

#include <algorithm>

namespace dcm::billing {
namespace {

// Digits after the point.
std::size_t digits_of(const std::string& number) {
    const std::size_t point = number.find('.');
    return point == std::string::npos ? 0 : number.size() - point - 1;
}

// What makes the number as wide as one with so many digits after the point: unseen zeros.
std::string padding_html(const std::string& number, std::size_t digits) {
    const std::size_t own = digits_of(number);
    if (own == digits) {
        return "";
    }
    return "<span class=\"pad\">" + std::string(own == 0 ? "." : "") +
           std::string(digits - own, '0') + "</span>";
}

std::string cell_html(const HtmlTable::Column& column,
                      const std::string& text,
                      std::size_t digits) {
    return std::string("<td") + (column.is_number ? " class=\"number\"" : "") + " data-name=\"" +
           html_text(column.name) + "\">" + html_text(text) +
           (column.is_number && !text.empty() ? padding_html(text, digits) : "") + "</td>";
}

std::string head_html(const HtmlTable& table) {
    std::string out = "<table>\n<thead><tr>";
    for (const HtmlTable::Column& column : table.columns) {
        out += std::string("<th scope=\"col\"") + (column.is_number ? " class=\"number\">" : ">") +
               html_text(column.name) + "</th>";
    }
    return out + "</tr></thead>\n";
}

// Of each column, how many digits its longest fraction has.
std::vector<std::size_t> column_digits(const HtmlTable& table) {
    std::vector<std::size_t> digits(table.columns.size(), 0);
    for (const std::vector<std::string>& row : table.rows) {
        DCM_CHECK(row.size() == digits.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            digits[i] = std::max(digits[i], digits_of(row[i]));
        }
    }
    return digits;
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
    const std::vector<std::size_t> digits = column_digits(table);
    out += head_html(table) + "<tbody>\n";
    for (const std::vector<std::string>& row : table.rows) {
        out += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += cell_html(table.columns[i], row[i], digits[i]);
        }
        out += "</tr>\n";
    }
    return out + "</tbody>\n</table>\n</section>\n";
}

}  // namespace dcm::billing
