#include "billing/book_difference.h"
#include "billing/json_text.h"
#include "billing/minor_unit_text.h"
#include "billing/render_report.h"
#include "billing/table.h"

namespace dcm::billing {
namespace {

// Seconds or cost of a side that may be absent.
std::string cell(const std::optional<ReportLine>& side, Decimal ReportLine::*figure) {
    return side.has_value() ? ((*side).*figure).to_string() : std::string();
}

Table table_of(const BookDifference& difference) {
    Table table({{"tenant"},
                 {"meter"},
                 {"rate"},
                 {"current_billed_seconds", Align::right},
                 {"current_cost", Align::right},
                 {"candidate_billed_seconds", Align::right},
                 {"candidate_cost", Align::right},
                 {"difference", Align::right},
                 {"currency"}});
    for (const DifferenceLine& line : difference.lines) {
        table.add_row({line.tenant,
                       line.meter,
                       line.rate,
                       cell(line.current, &ReportLine::billed_seconds),
                       cell(line.current, &ReportLine::cost),
                       cell(line.candidate, &ReportLine::billed_seconds),
                       cell(line.candidate, &ReportLine::cost),
                       line.difference.to_string(),
                       difference.currency});
    }
    return table;
}

std::string side_text(const BookSide& side, const std::string& currency) {
    return side.total.to_string() + ' ' + currency + ", rounded " +
           minor_unit_text(side.total_rounded, currency) + ", unrated " +
           side.unrated_seconds.to_string() + " s\n           " +
           time_text(side.from).value_or("the beginning") + " to " +
           time_text(side.to).value_or("the end") + ", days in " + side.timezone + "\n           " +
           side.book_digest + '\n';
}

std::string figures_json(const std::optional<ReportLine>& side) {
    if (!side.has_value()) {
        return "null";
    }
    JsonObject object;
    object.add("usage_seconds", side->usage_seconds.to_string());
    object.add("billed_seconds", side->billed_seconds.to_string());
    object.add("cost", side->cost.to_string());
    return object.text();
}

std::string line_json(const DifferenceLine& line) {
    JsonObject object;
    object.add("tenant", line.tenant);
    object.add("meter", line.meter);
    object.add("rate", line.rate);
    object.add_json("current", figures_json(line.current));
    object.add_json("candidate", figures_json(line.candidate));
    object.add("difference", line.difference.to_string());
    return object.text();
}

std::string side_json(const BookSide& side) {
    JsonObject object;
    object.add("book", side.book_digest);
    object.add("timezone", side.timezone);
    object.add_or_null("from", time_text(side.from));
    object.add_or_null("to", time_text(side.to));
    object.add("unrated_seconds", side.unrated_seconds.to_string());
    object.add("total", side.total.to_string());
    object.add("total_rounded", side.total_rounded.to_string());
    return object.text();
}

}  // namespace

std::string difference_text(const BookDifference& difference, std::size_t width) {
    std::string out = table_of(difference).text(width);
    out += "\ncurrent    " + side_text(difference.current, difference.currency);
    out += "candidate  " + side_text(difference.candidate, difference.currency);
    out += "difference " + difference.difference.to_string() + ' ' + difference.currency + '\n';
    out += "as of      " + format_rfc3339(difference.as_of) + '\n';
    return out + "log        " + std::to_string(difference.log_size) + " records, root " +
           difference.log_root + '\n';
}

std::string difference_csv(const BookDifference& difference) {
    return table_of(difference).csv();
}

std::string difference_json(const BookDifference& difference) {
    std::string lines;
    for (const DifferenceLine& line : difference.lines) {
        lines += (lines.empty() ? "" : ",") + line_json(line);
    }
    JsonObject log;
    log.add_json("size", std::to_string(difference.log_size));
    log.add("root", difference.log_root);
    JsonObject object;
    object.add("as_of", format_rfc3339(difference.as_of));
    object.add("currency", difference.currency);
    object.add_json("log", log.text());
    object.add_json("current", side_json(difference.current));
    object.add_json("candidate", side_json(difference.candidate));
    object.add_json("lines", '[' + lines + ']');
    object.add("difference", difference.difference.to_string());
    return object.text() + '\n';
}

std::string difference_jsonl(const BookDifference& difference) {
    std::string out;
    for (const DifferenceLine& line : difference.lines) {
        out += line_json(line) + '\n';
    }
    return out;
}

}  // namespace dcm::billing
