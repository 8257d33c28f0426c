#include "cli/rate_report.h"

#include "billing/rating.h"
#include "cli/rated_usage.h"

namespace dcm::cli {

billing::Report rate_report(const store::UsageReader& reader,
                            const Book& book,
                            const ReportScope& scope,
                            const Bounds& bounds) {
    billing::ReportBuilder builder(book.rules, scope.group_by, line_filter(scope.filters));
    const billing::RatingBounds rating_bounds{
        shown_period(bounds, reader), bounds.as_of, billing::needs_days(scope.group_by)};
    billing::Rater rater(book.rules,
                         rating_bounds,
                         {[&builder](const billing::RatedLine& line) { builder.add(line); },
                          [&builder](const billing::UnratedPiece& piece) { builder.add(piece); }});
    // Allowances and tiers are shared by all instances of a tenant, so none is left out here: the
    // filters choose among rated lines.
    reader.each_instance({}, [&rater](const auto& key, const auto& timeline) {
        rater.add(key, timeline.intervals);
    });
    rater.finish();
    return builder.finish();
}

}  // namespace dcm::cli
