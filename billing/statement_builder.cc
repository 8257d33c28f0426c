#include "billing/statement_builder.h"

#include "base/check.h"

#include <algorithm>
#include <utility>

namespace dcm::billing {
namespace {

constexpr std::string_view kRounding = "rounding";

}  // namespace

StatementBuilder::StatementBuilder(const rules::RuleBook& book, const BillingPeriod& period)
    : book_(book), period_name_(format_month(period.month)), during_(period.during), usage_(book) {}

void StatementBuilder::add_correction(StatementLine line) {
    line.period = period_name_;
    line.currency = book_.currency;
    corrections_.push_back(std::move(line));
}

void StatementBuilder::finish(std::int64_t first_line) {
    usage_.sort();
    std::stable_sort(
        corrections_.begin(), corrections_.end(), [](const auto& left, const auto& right) {
            return left.tenant < right.tenant;
        });
    line_end_ = first_line;
    Part part;
    while (part.usage_to < usage_.size() || part.corrections_to < corrections_.size()) {
        part.usage_from = part.usage_to;
        part.corrections_from = part.corrections_to;
        const std::string_view tenant = tenant_after(part);
        while (part.usage_to < usage_.size() && usage_.tenant(part.usage_to) == tenant) {
            ++part.usage_to;
        }
        while (part.corrections_to < corrections_.size() &&
               corrections_[part.corrections_to].tenant == tenant) {
            ++part.corrections_to;
        }
        parts_.push_back(part);
        totals_.push_back(total_of(part, tenant));
        line_end_ = totals_.back().line_end;
    }
}

// The first tenant of what is left behind the part.
std::string_view StatementBuilder::tenant_after(const Part& part) const {
    if (part.usage_to == usage_.size()) {
        return corrections_[part.corrections_to].tenant;
    }
    const std::string_view tenant = usage_.tenant(part.usage_to);
    return part.corrections_to == corrections_.size()
               ? tenant
               : std::min(tenant, std::string_view(corrections_[part.corrections_to].tenant));
}

// Its lines are the next ones: usage, corrections, and the rounding.
StatementTotal StatementBuilder::total_of(const Part& part, std::string_view tenant) const {
    Decimal total;
    for (std::size_t i = part.usage_from; i < part.usage_to; ++i) {
        total += usage_.cost(i);
    }
    for (std::size_t i = part.corrections_from; i < part.corrections_to; ++i) {
        total += corrections_[i].cost;
    }
    const std::optional<unsigned> digits = rules::minor_unit_digits(book_.currency);
    DCM_CHECK(digits.has_value());
    const std::size_t lines =
        part.usage_to - part.usage_from + part.corrections_to - part.corrections_from + 1;
    return {.tenant = std::string(tenant),
            .total = total,
            .total_rounded = total.rounded(*digits, Rounding::half_up),
            .first_line = line_end_,
            .line_end = line_end_ + static_cast<std::int64_t>(lines)};
}

void StatementBuilder::each_line(const StatementVisitor& visit) const {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        visit_part(i, visit);
    }
}

void StatementBuilder::each_line(const StatementTotal& of, const StatementVisitor& visit) const {
    const auto found = std::find(totals_.begin(), totals_.end(), of);
    DCM_CHECK(found != totals_.end());
    visit_part(static_cast<std::size_t>(found - totals_.begin()), visit);
}

void StatementBuilder::visit_part(std::size_t index, const StatementVisitor& visit) const {
    const Part& part = parts_[index];
    const StatementTotal& of = totals_[index];
    StatementLine line;
    line.period = period_name_;
    line.line = of.first_line;
    for (std::size_t i = part.usage_from; i < part.usage_to; ++i) {
        usage_.fill(i, line);
        visit(line);
        ++line.line;
    }
    for (std::size_t i = part.corrections_from; i < part.corrections_to; ++i) {
        StatementLine correction = corrections_[i];
        correction.line = line.line;
        visit(correction);
        ++line.line;
    }
    StatementLine rounding;
    rounding.period = period_name_;
    rounding.line = line.line;
    rounding.kind = StatementLineKind::rounding;
    rounding.tenant = of.tenant;
    rounding.meter = kRounding;
    rounding.rate = kRounding;
    rounding.charge = during_;
    rounding.cost = of.total_rounded - of.total;
    rounding.currency = book_.currency;
    visit(rounding);
}

}  // namespace dcm::billing
