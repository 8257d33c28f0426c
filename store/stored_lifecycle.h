#pragma once

#include "rules/lifecycle.h"
#include "store/statement.h"

#include <optional>
#include <string>

namespace dcm::store {

// The lifecycle with this digest, read from the rule books the database keeps; nullopt when none of
// them has it.
[[nodiscard]] std::optional<rules::Lifecycle> find_lifecycle(soci::session& session,
                                                             const std::string& lifecycle_digest);

}  // namespace dcm::store
