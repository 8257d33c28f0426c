#include "cli/rate_report.h"

#include "billing/rating.h"
#include "cli/rated_usage.h"

#include <algorithm>
#include <deque>
#include <utility>

namespace dcm::cli {

billing::Report rate_report(const store::UsageReader& reader,
                            const Book& book,
                            const ReportScope& scope,
                            const Bounds& bounds) {
    return std::move(rate_reports(reader, book, {scope.filters, {scope.group_by}}, bounds).front());
}

std::vector<billing::Report> rate_reports(const store::UsageReader& reader,
                                          const Book& book,
                                          const ReportScopes& scopes,
                                          const Bounds& bounds) {
    std::deque<billing::ReportBuilder> builders;
    for (const std::vector<billing::GroupKey>& keys : scopes.group_by) {
        builders.emplace_back(book.rules, keys, line_filter(scopes.filters));
    }
    const auto add = [&builders](const auto& piece) {
        for (billing::ReportBuilder& builder : builders) {
            builder.add(piece);
        }
    };
    const bool by_day =
        std::any_of(scopes.group_by.begin(), scopes.group_by.end(), billing::needs_days);
    billing::Rater rater(book.rules,
                         {shown_period(bounds, reader), bounds.as_of, by_day},
                         {[&add](const billing::RatedLine& line) { add(line); },
                          [&add](const billing::UnratedPiece& piece) { add(piece); }});
    // Allowances and tiers are shared by all instances of a tenant, so none is left out here: the
    // filters choose among rated lines.
    reader.each_in_any_order(
        [&rater](const auto& key, const auto& timeline) { rater.add(key, timeline.intervals); });
    rater.finish();
    std::vector<billing::Report> reports;
    reports.reserve(builders.size());
    for (billing::ReportBuilder& builder : builders) {
        reports.push_back(builder.finish());
    }
    return reports;
}

}  // namespace dcm::cli
