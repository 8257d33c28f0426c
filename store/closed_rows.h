#pragma once

#include "store/closed_periods.h"

#include <optional>
#include <string>

namespace dcm::store {

// Rows that are read as what was written and yet are not as a closing writes them: a decimal in
// another text, a value in a column that a rounding line leaves empty, a statement that names
// another month. Each answers with the first, in words.
[[nodiscard]] std::optional<std::string> odd_line(soci::session& session, LineRange range);
[[nodiscard]] std::optional<std::string> odd_statement(soci::session& session,
                                                       const ClosedPeriod& period);

// The same for where a month lies: it follows the month before, which the first one has not.
[[nodiscard]] bool follows(const ClosedPeriod& period, const ClosedPeriod& before);

}  // namespace dcm::store
