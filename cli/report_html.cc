#include "cli/report_html.h"

#include "cli/billed_months.h"
#include "cli/rated_usage.h"
#include "cli/report_doubt.h"
#include "cli/statements.h"
#include "cli/unknown_names.h"
#include "store/statement_reader.h"

#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace dcm::cli {
namespace {

using billing::GroupKey;
using CorrectionSums =
    std::map<std::tuple<std::string, std::string, std::string>, billing::CorrectionSum>;

void add_correction(CorrectionSums& sums,
                    const store::StatementReader& reader,
                    const billing::StatementLine& line) {
    const bool is_correction = line.kind == billing::StatementLineKind::reversal ||
                               line.kind == billing::StatementLineKind::correction;
    if (!is_correction) {
        return;
    }
    const std::string corrected = format_month(reader.month_at(line.charge.start));
    billing::CorrectionSum& sum = sums[{line.period, line.tenant, corrected}];
    sum.statement = line.period;
    sum.tenant = line.tenant;
    sum.corrected = corrected;
    ++sum.lines;
    sum.cost += line.cost;
}

// The closed months that are shown, and the open one that comes next, which carries what the log
// has to say of closed ones by now.
std::vector<CivilDate> corrected_months(const store::StatementReader& reader, Period shown) {
    std::vector<billing::BillingPeriod> months;
    for (const store::ClosedPeriod& closed : reader.closed()) {
        months.push_back({value_or_throw(parse_month(closed.origin.period)), closed.origin.during});
    }
    const std::vector<billing::BillingPeriod> open = reader.open_periods();
    if (!months.empty() && !open.empty()) {
        months.push_back(open.front());
    }
    std::vector<CivilDate> found;
    for (const billing::BillingPeriod& month : months) {
        if (month.during.start < shown.end && shown.start < month.during.end) {
            found.push_back(month.month);
        }
    }
    return found;
}

std::vector<billing::CorrectionSum> corrections_of(const ReportSource& source,
                                                   const FilterOptions& filters) {
    const Book& book = source.book;
    const store::StatementReader reader(source.snapshot, present_book(book), source.bounds.as_of);
    const Period shown = shown_period(source.bounds, source.reader);
    const billing::LineFilter chosen = line_filter(filters);
    CorrectionSums sums;
    for (const CivilDate month : corrected_months(reader, shown)) {
        reader.read(month).each_line([&](const billing::StatementLine& line) {
            if (billing::lets_through(chosen, line)) {
                add_correction(sums, reader, line);
            }
        });
    }
    std::vector<billing::CorrectionSum> found;
    found.reserve(sums.size());
    for (auto& [key, sum] : sums) {
        found.push_back(std::move(sum));
    }
    return found;
}

std::vector<std::string> filters_told(const FilterOptions& filters) {
    std::vector<std::string> told;
    for (const auto& [name, value] : {std::pair{"tenant", &filters.tenant},
                                      {"provider", &filters.provider},
                                      {"service type", &filters.service_type},
                                      {"instance", &filters.instance},
                                      {"state", &filters.state}}) {
        if (!value->empty()) {
            told.push_back(std::string(name) + ' ' + *value);
        }
    }
    return told;
}

}  // namespace

billing::HtmlReport html_report(const ReportSource& source,
                                const FilterOptions& filters,
                                const std::optional<ComparedMonth>& compared) {
    const auto by = [&](const std::vector<std::vector<GroupKey>>& keys, const Bounds& bounds) {
        return rate_reports(source.reader, source.book, {filters, keys}, bounds);
    };
    const auto doubt = [&](billing::DoubtChoice choice) {
        return find_doubt(
            source.snapshot, source.reader, source.book, {filters, "", choice}, source.bounds);
    };
    billing::HtmlReport page;
    page.period = filters.period;
    page.filters = filters_told(filters);
    page.origin = origin_of(source.snapshot, source.book, source.bounds);
    page.days = std::move(by({{GroupKey::day}}, source.bounds).front());
    page.days.billed = billed_months(source, source.bounds, filters);
    if (page.days.lines.empty()) {
        tell_unknown_names({{source.reader, source.book}}, filters);
    }
    std::vector<billing::Report> sums =
        by({{GroupKey::tenant},
            {GroupKey::provider},
            {GroupKey::service_type},
            {GroupKey::tenant, GroupKey::service_type, GroupKey::instance}},
           source.bounds);
    page.tenants = std::move(sums[0]);
    page.providers = std::move(sums[1]);
    page.service_types = std::move(sums[2]);
    page.instances = std::move(sums[3]);
    if (compared) {
        sums = by({{GroupKey::tenant}, {GroupKey::provider}, {GroupKey::service_type}},
                  compared->bounds);
        page.compared = {
            compared->name, std::move(sums[0]), std::move(sums[1]), std::move(sums[2])};
        page.compared->tenants.billed = billed_months(source, compared->bounds, filters);
    }
    page.unrated = doubt(billing::DoubtChoice::unrated);
    page.doubtful = doubt(billing::DoubtChoice::doubtful);
    page.corrections = corrections_of(source, filters);
    if (const auto newest = source.snapshot.newest_checkpoint()) {
        page.checkpoint = newest->note;
    }
    return page;
}

}  // namespace dcm::cli
