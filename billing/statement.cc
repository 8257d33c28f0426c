#include "billing/statement.h"

#include <array>

namespace dcm::billing {
namespace {

constexpr std::array kKinds{StatementLineKind::usage,
                            StatementLineKind::reversal,
                            StatementLineKind::correction,
                            StatementLineKind::rounding};

}  // namespace

std::string_view statement_line_kind_name(StatementLineKind kind) {
    switch (kind) {
        case StatementLineKind::usage:
            return "usage";
        case StatementLineKind::reversal:
            return "reversal";
        case StatementLineKind::correction:
            return "correction";
        case StatementLineKind::rounding:
            return "rounding";
    }
    return {};
}

std::optional<StatementLineKind> statement_line_kind(std::string_view name) {
    for (const StatementLineKind kind : kKinds) {
        if (statement_line_kind_name(kind) == name) {
            return kind;
        }
    }
    return std::nullopt;
}

BillingPeriod billing_period(CivilDate month, const Zone& zone) {
    return {month, {zone.start_of(month), zone.start_of(next_month(month))}};
}

}  // namespace dcm::billing
