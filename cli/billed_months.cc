#include "cli/billed_months.h"

#include "cli/rated_usage.h"
#include "cli/statements.h"

#include <utility>

namespace dcm::cli {
namespace {

bool leaves_lines_out(const FilterOptions& filters) {
    return !filters.service_type.empty() || !filters.provider.empty() ||
           !filters.instance.empty() || !filters.state.empty();
}

bool shows_all_of(const Bounds& bounds, Period month) {
    return (!bounds.from || *bounds.from <= month.start) &&
           (!bounds.to || month.end <= *bounds.to) && month.end <= bounds.as_of;
}

}  // namespace

std::vector<billing::BilledMonth> billed_months(const ReportSource& source,
                                                const Bounds& bounds,
                                                const FilterOptions& filters) {
    if (leaves_lines_out(filters)) {
        return {};
    }
    const std::string& tenant = filters.tenant;
    const store::StatementReader statements(
        source.snapshot, present_book(source.book), bounds.as_of);
    std::vector<billing::BilledMonth> months;
    for (const store::ClosedPeriod& closed : statements.closed()) {
        if (!shows_all_of(bounds, closed.origin.during)) {
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
