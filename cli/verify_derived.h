#pragma once

#include "audit/log_keys.h"
#include "audit/verify.h"
#include "cli/shell.h"
#include "rules/lifecycle.h"
#include "store/shared_snapshot.h"

#include <optional>

namespace dcm::cli {

// What the tables that follow from a log are held against.
struct DerivedSource {
    const store::SharedSnapshot& snapshot;  // whose log is what was recorded
    const rules::Lifecycle& lifecycle;      // of the rule book that was given
    const std::optional<audit::LogKeys>& keys;
};

// Holds every derived table against the log, under the book in use or another that is kept in the
// database, and the closed months against the records of their closing, their signed notes against
// keys and tree. A difference is a finding, and so is whatever else ends the comparison.
[[nodiscard]] audit::DerivedReport check_derived_tables(Shell& shell,
                                                        const DerivedSource& source,
                                                        audit::LogVerifier& verifier);

}  // namespace dcm::cli
