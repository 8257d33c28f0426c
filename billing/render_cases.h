#pragma once

#include "billing/case_run.h"

#include <string>
#include <vector>

namespace dcm::billing {

// A case of a book and where it stands, with what running it gave.
struct RanCase {
    std::string name;
    std::string place;  // file:line:column
    CaseResult result;
};

// For people: a line for each case; of a failing one, what every meter should cost and does.
[[nodiscard]] std::string cases_text(const std::vector<RanCase>& cases);
// One object: the cases, how many there are, how many failed.
[[nodiscard]] std::string cases_json(const std::vector<RanCase>& cases,
                                     const std::string& book_digest);

}  // namespace dcm::billing
