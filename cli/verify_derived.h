#pragma once

#include "audit/verify.h"
#include "cli/shell.h"
#include "store/shared_snapshot.h"

namespace dcm::cli {

// Holds every derived table of the snapshot against its log, under the book in use or another that
// is kept in the database, and the closed months against the records of their closing; a difference
// is a finding.
void check_derived_tables(Shell& shell,
                          const store::SharedSnapshot& snapshot,
                          audit::LogVerifier& verifier);

}  // namespace dcm::cli
