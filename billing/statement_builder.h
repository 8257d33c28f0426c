#pragma once

#include "billing/rated_lines.h"
#include "billing/statement.h"
#include "rules/rulebook.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::billing {

// The statements of one period, made of the usage in it and of corrections to earlier ones. Every
// tenant with a line has one: usage by (service type, instance, start, rate), corrections in the
// order they came, and its rounding last. Tenants are in the order of their bytes. The book
// outlives this.
class StatementBuilder {
public:
    StatementBuilder(const rules::RuleBook& book, const BillingPeriod& period);

    void add(const RatedLine& line) { usage_.add(line); }
    // Complete but for its period, its number and the currency.
    void add_correction(StatementLine line);

    // Puts everything in order and numbers the lines from `first_line` on. Nothing is added
    // afterwards.
    void finish(std::int64_t first_line);

    // After finish():
    [[nodiscard]] const std::vector<StatementTotal>& totals() const { return totals_; }
    [[nodiscard]] std::int64_t line_end() const { return line_end_; }
    // Every line, or those of one statement, in the order of their numbers.
    void each_line(const StatementVisitor& visit) const;
    void each_line(const StatementTotal& of, const StatementVisitor& visit) const;

private:
    // The stretch of usage_ and of corrections_ that is a tenant's.
    struct Part {
        std::size_t usage_from = 0;
        std::size_t usage_to = 0;
        std::size_t corrections_from = 0;
        std::size_t corrections_to = 0;
    };

    [[nodiscard]] std::string_view tenant_after(const Part& part) const;
    [[nodiscard]] StatementTotal total_of(const Part& part, std::string_view tenant) const;
    void visit_part(std::size_t index, const StatementVisitor& visit) const;

    const rules::RuleBook& book_;
    std::string period_name_;
    Period during_;
    RatedLines usage_;
    std::vector<StatementLine> corrections_;
    std::vector<Part> parts_;  // one for each of totals_
    std::vector<StatementTotal> totals_;
    std::int64_t line_end_ = 0;
};

}  // namespace dcm::billing
