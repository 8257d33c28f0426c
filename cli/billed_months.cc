#include "cli/billed_months.h"

#include "cli/rated_usage.h"
#include "cli/statements.h"

#include <utility>

namespace dcm::cli {

std::vector<billing::BilledMonth> billed_months(const ReportSource& source,
                                                const Bounds& bounds,
                                                const std::string& tenant) {
    const store::StatementReader statements(
        source.snapshot, present_book(source.book), bounds.as_of);
    std::vector<billing::BilledMonth> months;
    for (const store::ClosedPeriod& closed : statements.closed()) {
        const Period during = closed.origin.during;
        const bool is_shown = (!bounds.to || during.start < *bounds.to) &&
                              (!bounds.from || *bounds.from < during.end);
        if (!is_shown) {
            continue;
        }
        billing::BilledMonth month{
            closed.origin.period, closed.origin.closing->at, tenant, /*statements=*/{}, {}};
        for (const billing::StatementTotal& total : statements.statements_of(closed)) {
            if (tenant.empty() || tenant == total.tenant) {
                month.statements.push_back({total.tenant, total.total_rounded});
                month.total += total.total_rounded;
            }
        }
        months.push_back(std::move(month));
    }
    return months;
}

}  // namespace dcm::cli
