#include "billing/html_report.h"

#include "base/zone.h"
#include "billing/comparison.h"
#include "billing/html_chart.h"
#include "billing/html_style.h"
#include "billing/html_text.h"
#include "billing/minor_unit_text.h"
#include "billing/render_report.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::size_t kInstancesMax = 20;

// No script, no request: the policy holds a browser to it.
constexpr std::string_view kHeadStart =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\""
    " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";
constexpr std::string_view kTotal = "total";

std::string title_of(const HtmlReport& report) {
    return "Cost report" + (report.period.empty() ? "" : ' ' + report.period);
}

std::string head(const HtmlReport& report) {
    return std::string(kHeadStart) + "<title>" + html_text(title_of(report)) +
           "</title>\n<style>\n" + std::string(kHtmlStyle) + "</style>\n</head>\n<body>\n";
}

std::string faint(const std::string& text) {
    return "<p class=\"faint\">" + html_text(text) + "</p>\n";
}

std::string chosen_text(const std::vector<std::string>& filters) {
    std::string text;
    for (const std::string& filter : filters) {
        text += (text.empty() ? "only " : ", ") + filter;
    }
    return text;
}

std::string difference_text(const Report& report, const HtmlComparison& compared) {
    const Difference difference = difference_of(report.total, compared.tenants.total);
    return "in " + compared.period + ' ' +
           minor_unit_text(compared.tenants.total_rounded, report.currency) + ' ' +
           report.currency + "; the difference is exactly " + difference.amount.to_string() + ' ' +
           report.currency +
           (difference.percent ? ", " + difference.percent->to_string() + " %" : "");
}

std::string billed(const Report& report) {
    std::string out;
    for (const BilledMonth& month : report.billed) {
        out += "<p>" + html_text("billed: " + billed_text(month, report.currency)) + "</p>\n";
    }
    return out;
}

std::string heading(const HtmlReport& report) {
    const ReportOrigin& origin = report.origin;
    const Report& sums = report.days;
    std::string out = "<h1>" + html_text(title_of(report)) + "</h1>\n";
    out += faint(time_text(origin.from).value_or("the beginning") + " to " +
                 time_text(origin.to).value_or("now") + ", days in " + sums.timezone);
    if (!report.filters.empty()) {
        out += "<p>" + html_text(chosen_text(report.filters)) + "</p>\n";
    }
    out += "<p class=\"total\">" +
           html_text(minor_unit_text(sums.total_rounded, sums.currency) + ' ' + sums.currency) +
           "</p>\n";
    out += faint("exactly " + sums.total.to_string() + ' ' + sums.currency +
                 "; open intervals cut at " + format_rfc3339(origin.as_of));
    out += billed(sums);
    if (report.compared) {
        out += faint(difference_text(sums, *report.compared));
        out += billed(report.compared->tenants);
    }
    return out;
}

std::vector<HtmlTable::Column> key_columns(const Report& report) {
    std::vector<HtmlTable::Column> columns;
    for (const GroupKey key : report.group_by) {
        columns.push_back({std::string(group_key_name(key))});
    }
    return columns;
}

std::string sums_section(const std::string& caption, const Report& report) {
    HtmlTable table{caption, key_columns(report), {}, "Nothing was charged."};
    table.columns.push_back({"usage_seconds", true});
    table.columns.push_back({"billed_seconds", true});
    table.columns.push_back({"cost in " + report.currency, true});
    for (const ReportLine& line : report.lines) {
        std::vector<std::string>& cells = table.rows.emplace_back(line.keys);
        cells.push_back(line.usage_seconds.to_string());
        cells.push_back(line.billed_seconds.to_string());
        cells.push_back(line.cost.to_string());
    }
    return html_table(table);
}

// What the tenants were billed for the closed months, which is not what is computed now.
std::string billed_section(const Report& report) {
    if (report.billed.empty()) {
        return "";
    }
    HtmlTable table{"Billed by tenant",
                    {{"month"}, {"tenant"}, {"billed in " + report.currency, true}},
                    {},
                    "Nobody was billed anything."};
    for (const BilledMonth& month : report.billed) {
        for (const BilledMonth::Statement& statement : month.statements) {
            table.rows.push_back({month.period,
                                  statement.tenant,
                                  minor_unit_text(statement.total, report.currency)});
        }
    }
    return html_table(table);
}

std::vector<std::string> compared_cells(const Decimal& other,
                                        const Decimal& cost,
                                        const Difference& difference) {
    return {other.to_string(),
            cost.to_string(),
            difference.amount.to_string(),
            difference.percent ? difference.percent->to_string() : ""};
}

// The costs of two months beside each other.
std::string compared_section(const std::string& caption,
                             const HtmlReport& page,
                             const Report& report,
                             const Report& other) {
    const Comparison comparison = compare_periods(report, other);
    HtmlTable table{caption, key_columns(report), {}, "Nothing was charged."};
    table.columns.push_back({page.compared->period + " in " + report.currency, true});
    table.columns.push_back({page.period + " in " + report.currency, true});
    table.columns.push_back({"difference", true});
    table.columns.push_back({"percent", true});
    const auto add = [&table](std::vector<std::string> cells, std::vector<std::string> amounts) {
        std::move(amounts.begin(), amounts.end(), std::back_inserter(cells));
        table.rows.push_back(std::move(cells));
    };
    for (const ComparedLine& line : comparison.lines) {
        add(line.line.keys, compared_cells(line.other.cost, line.line.cost, line.difference));
    }
    if (!comparison.lines.empty()) {
        add({std::string(kTotal)},
            compared_cells(other.total, report.total, comparison.difference));
    }
    return html_table(table);
}

std::string top_instances(const Report& report) {
    std::vector<ReportLine> lines = report.lines;
    std::stable_sort(lines.begin(), lines.end(), [](const ReportLine& a, const ReportLine& b) {
        return b.cost < a.cost;
    });
    Report top = report;
    top.lines = std::move(lines);
    const bool is_cut = top.lines.size() > kInstancesMax;
    if (is_cut) {
        top.lines.resize(kInstancesMax);
    }
    const std::string caption = is_cut ? "Instances: the " + std::to_string(kInstancesMax) +
                                             " of the highest cost, of " +
                                             std::to_string(report.lines.size())
                                       : "Instances";
    return sums_section(caption, top);
}

// Days on which nothing was charged are days too.
std::string chart(const Report& days) {
    std::vector<ChartBar> bars;
    std::optional<CivilDate> next;
    for (const ReportLine& line : days.lines) {
        const CivilDate day = value_or_throw(parse_date(line.keys.front()));
        for (; next && *next < day; next = next_day(*next)) {
            bars.push_back({format_date(*next), Decimal()});
        }
        bars.push_back({line.keys.front(), line.cost});
        next = next_day(day);
    }
    return bars.empty() ? ""
                        : "<section>\n<h2>Cost by day in " + html_text(days.currency) + "</h2>\n" +
                              chart_svg(bars, days.currency) + "</section>\n";
}

std::string doubt_section(const HtmlReport& report) {
    HtmlTable table{"Unrated and doubtful",
                    {{"cause"},
                     {"rated seconds", true},
                     {"seconds without a price", true},
                     {"cost in " + report.days.currency, true}},
                    {},
                    "Everything is rated, and nothing rests on doubt."};
    for (const DoubtReport* const part : {&report.unrated, &report.doubtful}) {
        for (const auto& [cause, sums] : part->causes) {
            const bool is_nothing = sums.usage_seconds.is_zero() && sums.unpriced_seconds.is_zero();
            if (!is_nothing) {
                table.rows.push_back({cause,
                                      sums.usage_seconds.to_string(),
                                      sums.unpriced_seconds.to_string(),
                                      sums.cost.to_string()});
            }
        }
    }
    return html_table(table);
}

std::string correction_section(const HtmlReport& report) {
    HtmlTable table{"Corrections of closed months",
                    {{"statement"},
                     {"tenant"},
                     {"corrected month"},
                     {"lines", true},
                     {"cost in " + report.days.currency, true}},
                    {},
                    "The statements of these months correct nothing."};
    for (const CorrectionSum& sum : report.corrections) {
        table.rows.push_back({sum.statement,
                              sum.tenant,
                              sum.corrected,
                              std::to_string(sum.lines),
                              sum.cost.to_string()});
    }
    return html_table(table);
}

std::string origin_section(const HtmlReport& report) {
    const ReportOrigin& origin = report.origin;
    std::string note = "No checkpoint was signed yet.";
    if (report.checkpoint) {
        // Its lines are its own.
        note = *report.checkpoint;
    }
    std::string lines;
    while (!note.empty()) {
        const std::size_t end = std::min(note.find('\n'), note.size());
        lines += html_text(note.substr(0, end)) + '\n';
        note.erase(0, std::min(end + 1, note.size()));
    }
    return "<section>\n<h2>Where this comes from</h2>\n<p>" +
           html_text("Rule book " + origin.book_digest + ", audit log of " +
                     std::to_string(origin.log_size) + " records with the root " + origin.log_root +
                     ". The newest signed checkpoint:") +
           "</p>\n<pre>" + lines + "</pre>\n</section>\n";
}

}  // namespace

std::string report_html(const HtmlReport& report) {
    const auto section = [&report](const std::string& caption,
                                   const Report HtmlComparison::*other,
                                   const Report& sums) {
        return report.compared ? compared_section(caption, report, sums, (*report.compared).*other)
                               : sums_section(caption, sums);
    };
    std::string out = head(report) + heading(report) + chart(report.days);
    out += billed_section(report.days);
    out += section("By tenant", &HtmlComparison::tenants, report.tenants);
    out += section("By provider", &HtmlComparison::providers, report.providers);
    out += section("By service type", &HtmlComparison::service_types, report.service_types);
    out += top_instances(report.instances);
    out += doubt_section(report);
    out += correction_section(report);
    out += sums_section("By day", report.days);
    out += origin_section(report);
    return out + "</body>\n</html>\n";
}

}  // namespace dcm::billing
