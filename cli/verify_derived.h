#pragma once

#include "audit/verify.h"
#include "cli/shell.h"
#include "store/shared_snapshot.h"
#include "store/table_check.h"

namespace dcm::cli {

// A fault is a finding.
void check_tables(const store::LogReader& snapshot,
                  store::CheckedTables tables,
                  audit::LogVerifier& verifier);

// Holds every derived table of the snapshot against its log, under the book in use or another that
// is kept in the database, and the closed months against the records of their closing; a difference
// is a finding.
void check_derived_tables(Shell& shell,
                          const store::SharedSnapshot& snapshot,
                          audit::LogVerifier& verifier);

// Holds the signed note that a closed month carries against the keys and the tree of the log.
void check_closing_notes(const store::LogReader& snapshot,
                         const audit::LogKeys& keys,
                         audit::LogVerifier& verifier);

}  // namespace dcm::cli
