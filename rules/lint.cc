#include "rules/lint.h"

#include "rules/charged_states.h"

#include <algorithm>

namespace dcm::rules {

void lint_states(const PlacedBook& of, Problems& problems) {
    for (const ChargedState& charged : charged_states(of.book.lifecycle)) {
        const bool is_priced =
            std::any_of(of.book.rates.begin(), of.book.rates.end(), [&charged](const Rate& rate) {
                return can_match(rate.match, charged);
            });
        if (is_priced) {
            continue;
        }
        const auto own = of.places.charges.find({charged.service_type, charged.state});
        problems.warn(own == of.places.charges.end() ? of.places.top : own->second,
                      "expected a rate for the state " + shown(charged.state) + " of " +
                          shown(charged.service_type) + ", which the lifecycle charges, got none");
    }
}

void lint_book(const PlacedBook& of, Problems& problems) {
    lint_states(of, problems);
    const std::vector<bool> unreachable = lint_reach(of, problems);
    lint_time(of, unreachable, problems);
    lint_exactness(of, problems);
    lint_ownership(of, problems);
    lint_resources(of, problems);
}

}  // namespace dcm::rules
