#pragma once

#include "rules/rulebook.h"

#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// What one meter of a case cost, beside what the book expects.
struct CaseMeter {
    std::string meter;
    std::optional<std::string> expected;  // as written; absent: the case does not say
    Decimal cost;                         // exact
    std::string rounded;                  // to as many decimals as written; exact where it is not
    bool passes = true;
};

struct CaseResult {
    std::vector<CaseMeter> meters;  // by name
    Decimal unrated_seconds;
    std::vector<std::string> unknown_statuses;  // words of the case that mean nothing
    // The case's service type, where no lifecycle has it: it is never charged.
    std::optional<std::string> type_without_lifecycle;

    [[nodiscard]] bool passes() const;
};

// Runs an example of a book under that book: its events as those of one instance, its month up to
// the month's end. A cost is rounded half-up to as many decimals as the expectation writes; meters
// without an expectation are told and not judged. A status that the service type does not know
// fails the case.
[[nodiscard]] CaseResult run_case(const rules::RuleBook& book, const rules::Case& example);

}  // namespace dcm::billing
