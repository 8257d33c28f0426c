#include "cli/report_html.h"

#include "cli/rate_report.h"
#include "cli/rated_usage.h"
#include "cli/report_doubt.h"
#include "cli/statements.h"
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

void add_correction(CorrectionSums& sums, const Zone& zone, const billing::StatementLine& line) {
    const bool is_correction = line.kind == billing::StatementLineKind::reversal ||
                               line.kind == billing::StatementLineKind::correction;
    if (!is_correction) {
        return;
    }
    const std::string corrected = format_month(month_of(zone.date_of(line.charge.start)));
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

std::vector<billing::CorrectionSum> corrections_of(const store::LogReader& snapshot,
                                                   const Book& book,
                                                   const FilterOptions& filters,
                                                   const Bounds& bounds,
                                                   Period shown) {
    const store::StatementReader reader(snapshot, present_book(book), bounds.as_of);
    CorrectionSums sums;
    for (const CivilDate month : corrected_months(reader, shown)) {
        reader.read(month).each_line([&](const billing::StatementLine& line) {
            if (filters.tenant.empty() || filters.tenant == line.tenant) {
                add_correction(sums, book.rules.zone, line);
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

}  // namespace

billing::HtmlReport html_report(const store::LogReader& snapshot,
                                const store::UsageReader& reader,
                                const Book& book,
                                const FilterOptions& filters,
                                const Bounds& bounds) {
    const auto by = [&](const std::vector<GroupKey>& keys) {
        return rate_report(reader, book, {filters, keys}, bounds);
    };
    const auto doubt = [&](billing::DoubtChoice choice) {
        return find_doubt(snapshot, reader, book, {filters, "", choice}, bounds);
    };
    billing::HtmlReport report;
    report.origin = origin_of(snapshot, book, bounds);
    report.days = by({GroupKey::day});
    report.tenants = by({GroupKey::tenant});
    report.providers = by({GroupKey::provider});
    report.service_types = by({GroupKey::service_type});
    report.instances = by({GroupKey::service_type, GroupKey::instance});
    report.unrated = doubt(billing::DoubtChoice::unrated);
    report.doubtful = doubt(billing::DoubtChoice::doubtful);
    report.corrections =
        corrections_of(snapshot, book, filters, bounds, shown_period(bounds, reader));
    if (const auto newest = snapshot.newest_checkpoint()) {
        report.checkpoint = newest->note;
    }
    return report;
}

}  // namespace dcm::cli
