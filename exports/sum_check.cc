#include "exports/sum_check.h"

#include "base/shown.h"
#include "rules/rulebook.h"

namespace dcm::exports {

std::vector<std::string> SumCheck::check(const Entry& entry) {
    std::vector<std::string> problems;
    if (tenant_ != entry.tenant) {
        problems = finish();
        tenant_ = entry.tenant;
    }
    if (!entry.is_rounding) {
        sum_ += entry.cost;
        ++rows_;
        return problems;
    }
    const auto digits = rules::minor_unit_digits(entry.currency);
    const Decimal rounding = digits ? sum_.rounded(*digits, Rounding::half_up) - sum_ : entry.cost;
    if (rows_ == 0) {
        problems.push_back("expected one rounding after the rows of " + shown(tenant_) +
                           ", got another");
    } else if (!(rounding == entry.cost)) {
        problems.push_back("expected the rounding " + rounding.to_string() + " of " +
                           sum_.to_string() + ", got " + entry.cost.to_string());
    }
    sum_ = Decimal();
    rows_ = 0;
    return problems;
}

std::vector<std::string> SumCheck::finish() {
    const bool is_rounded = rows_ == 0;
    sum_ = Decimal();
    rows_ = 0;
    return is_rounded ? std::vector<std::string>{}
                      : std::vector{"expected the rounding of " + shown(tenant_) +
                                    " after its rows, got none"};
}

}  // namespace dcm::exports
