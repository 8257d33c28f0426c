#pragma once

#include "reference_case.h"

#include <string>
#include <vector>

namespace dcm::reference {

// A report's amounts as texts: of each line the keys, usage seconds, billed seconds and cost.
struct Answer {
    std::vector<std::vector<std::string>> lines;
    std::string unrated_seconds;
    std::string total;
    std::string total_rounded;

    bool operator==(const Answer&) const = default;
};

// What the report must say: the binding texts once more, from their formulas, in exact fractions
// and without any regard for speed. It shares no code with the product.
[[nodiscard]] Answer answer(const Case& priced);

}  // namespace dcm::reference
