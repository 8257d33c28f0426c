#pragma once

#include "billing/rated_line.h"
#include "rules/rulebook.h"

#include <string>
#include <vector>

namespace dcm::billing {

// One step of a calculation as a person writes it: `quantity: 172800 ÷ 3600 = 48 hours`.
struct ArithmeticStep {
    std::string name;
    std::string expression;  // empty where there is nothing to calculate
    std::string value;       // a plain decimal
    std::string unit;        // `s`, `hours`, `EUR`
    std::string note;        // such as what was rounded

    bool operator==(const ArithmeticStep&) const = default;
};

// Calculates a rated line anew, step by step in the order of domain.md section 4, from seconds to
// cost. The last step's value is the line's cost: a calculation that comes out otherwise ends the
// program. `month` contains the line; the rate is that of the line.
[[nodiscard]] std::vector<ArithmeticStep> arithmetic_of(const RatedLine& line,
                                                        const rules::RuleBook& book,
                                                        Period month);

}  // namespace dcm::billing
