#pragma once

#include "base/instant.h"
#include "billing/statement.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcm::focus {

// What is the same for all charges of a file.
struct ChargedPeriod {
    std::string name;      // `2026-05`
    Period span;           // the billing month
    std::string issuer;    // who bills
    std::string currency;  // ISO 4217
    bool is_closed = false;
};

// A line of a statement with its numbers as text. The line outlives it.
class Charge {
public:
    explicit Charge(const billing::StatementLine& line);

    [[nodiscard]] const billing::StatementLine& line() const { return line_; }
    [[nodiscard]] bool is_rounding() const {
        return line_.kind == billing::StatementLineKind::rounding;
    }
    // Takes back a line of a closed period.
    [[nodiscard]] bool is_reversal() const {
        return line_.kind == billing::StatementLineKind::reversal;
    }
    // About a closed period.
    [[nodiscard]] bool is_correction() const {
        return is_reversal() || line_.kind == billing::StatementLineKind::correction;
    }
    // FOCUS has no negative unit price: a credit is priced as tiers are, by the cost itself.
    [[nodiscard]] bool has_unit_price() const {
        return line_.unit_price.has_value() && !line_.unit_price->is_negative();
    }

    [[nodiscard]] std::string_view cost() const { return cost_; }
    [[nodiscard]] std::string_view quantity() const { return quantity_; }
    [[nodiscard]] std::string_view unit_price() const { return unit_price_; }

private:
    const billing::StatementLine& line_;
    std::string cost_;
    std::string quantity_;
    std::string unit_price_;  // empty where cost is not quantity × price
};

}  // namespace dcm::focus
