#include "billing/html_report.h"

#include "billing/html_chart.h"
#include "billing/html_text.h"

#include <algorithm>

namespace dcm::billing {
namespace {

constexpr std::size_t kInstancesMax = 20;

// No script, no request: the policy holds a browser to it.
constexpr std::string_view kHead =
    "<!DOCTYPE html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\""
    " content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>Cost report</title>\n"
    "<style>\n"
    ":root{--ink:#1b1f24;--paper:#fff;--faint:#667;--rule:#d5d9e0;--bar:#2f6fb5}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#15181c;--faint:#9aa3af;"
    "--rule:#333a44;--bar:#6ea8e6}}\n"
    "body{margin:2rem auto;max-width:62rem;padding:0 1rem;background:var(--paper);"
    "color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}\n"
    ".faint{color:var(--faint)}.total{font-size:2rem;font-variant-numeric:tabular-nums}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{padding:.25rem .5rem;border-bottom:1px solid var(--rule);text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}\n"
    ".number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "svg{width:100%;height:auto}.bar{fill:var(--bar)}.zero{stroke:var(--faint)}\n"
    "svg text{fill:var(--faint);font-size:13px}\n"
    "pre{overflow-x:auto;border:1px solid var(--rule);padding:.5rem;font-size:13px}\n"
    "@media print{:root{--ink:#000;--paper:#fff;--faint:#444;--rule:#bbb;--bar:#555}"
    "body{margin:0;max-width:none;font-size:10pt}section{break-inside:avoid-page}"
    "thead{display:table-header-group}tr{break-inside:avoid}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere}}\n"
    "</style>\n"
    "</head>\n"
    "<body>\n";

std::string bound_text(const std::optional<Instant>& at, const std::string& open) {
    return at ? format_rfc3339(*at) : open;
}

std::string heading(const HtmlReport& report) {
    const ReportOrigin& origin = report.origin;
    const Report& sums = report.days;
    return "<h1>Cost report</h1>\n<p class=\"faint\">" +
           html_text(bound_text(origin.from, "the beginning") + " to " +
                     bound_text(origin.to, "now") + ", days in " + sums.timezone) +
           "</p>\n<p class=\"total\">" +
           html_text(sums.total_rounded.to_string() + ' ' + sums.currency) +
           "</p>\n<p class=\"faint\">" +
           html_text("exactly " + sums.total.to_string() + ' ' + sums.currency +
                     "; open intervals cut at " + format_rfc3339(origin.as_of)) +
           "</p>\n";
}

std::vector<HtmlTable::Column> sum_columns(const Report& report) {
    std::vector<HtmlTable::Column> columns;
    for (const GroupKey key : report.group_by) {
        columns.push_back({std::string(group_key_name(key))});
    }
    columns.push_back({"usage_seconds", true});
    columns.push_back({"billed_seconds", true});
    columns.push_back({"cost in " + report.currency, true});
    return columns;
}

std::vector<std::string> sum_cells(const ReportLine& line) {
    std::vector<std::string> cells = line.keys;
    cells.push_back(line.usage_seconds.to_string());
    cells.push_back(line.billed_seconds.to_string());
    cells.push_back(line.cost.to_string());
    return cells;
}

std::string sums_section(const std::string& caption, const Report& report) {
    HtmlTable table{caption, sum_columns(report), {}, "Nothing was charged."};
    for (const ReportLine& line : report.lines) {
        table.rows.push_back(sum_cells(line));
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

std::string chart(const Report& days) {
    std::vector<ChartBar> bars;
    for (const ReportLine& line : days.lines) {
        bars.push_back({line.keys.front(), line.cost});
    }
    return chart_svg(bars, days.currency);
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
    std::string out(kHead);
    out += heading(report);
    out += chart(report.days);
    out += sums_section("By tenant", report.tenants);
    out += sums_section("By provider", report.providers);
    out += sums_section("By service type", report.service_types);
    out += top_instances(report.instances);
    out += doubt_section(report);
    out += correction_section(report);
    out += sums_section("By day", report.days);
    out += origin_section(report);
    return out + "</body>\n</html>\n";
}

}  // namespace dcm::billing
