#pragma once

#include "rules/lifecycle.h"
#include "store/statement.h"

#include <optional>
#include <string>

namespace dcm::store {

// Whether events may have been accepted with words that this lifecycle does not know: by one of the
// rule books the database keeps.
[[nodiscard]] bool may_hold_other_words(soci::session& session, const rules::Lifecycle& lifecycle);

// The lifecycle with this digest, read from the rule books the database keeps; nullopt when none of
// them has it.
[[nodiscard]] std::optional<rules::Lifecycle> find_lifecycle(soci::session& session,
                                                             const std::string& lifecycle_digest);

}  // namespace dcm::store
