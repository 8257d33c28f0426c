#include "store/closing_scope.h"

#include "store/statement.h"

namespace dcm::store {

ClosingScope closing_scope(const std::vector<ClosedPeriod>& closed,
                           const billing::BillingPeriod& period) {
    const std::string name = format_month(period.month);
    const std::string before = format_month(previous_month(period.month));
    ClosingScope scope{.during = period.during};
    for (const ClosedPeriod& one : closed) {
        if (one.origin.period == before) {
            scope.late_from = one.origin.log_size;
        } else if (one.origin.period == name) {
            scope.late_end = one.origin.log_size;
        }
    }
    return scope;
}

ClosingScope closing_scope(Database& database, const billing::BillingPeriod& period) {
    return guarded("read closed periods",
                   [&] { return closing_scope(read_closed_periods(database.session()), period); });
}

}  // namespace dcm::store
