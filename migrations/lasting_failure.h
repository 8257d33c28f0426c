#pragma once

#include "base/result.h"

namespace dcm::migrations {

// Whether SQLite said what another attempt hardly changes: a page is damaged, or a constraint or
// trigger refuses the statement. Both can pass all the same: a disk that fails a read looks like
// the first.
[[nodiscard]] bool is_lasting(const Failure& failure);

}  // namespace dcm::migrations
