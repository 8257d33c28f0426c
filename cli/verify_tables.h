#pragma once

#include "audit/verify.h"
#include "store/shared_snapshot.h"
#include "store/table_check.h"

#include <future>
#include <string>
#include <vector>

namespace dcm::cli {

// What stopped a check does not hide what others found.
[[nodiscard]] audit::Finding finding_of(const Failure& failure);

// A fault is a finding, and so is whatever ends the check.
void check_tables(const store::LogReader& snapshot,
                  store::CheckedTables tables,
                  audit::LogVerifier& verifier);

// Looks whether SQLite finds the records by their numbers as whoever passes over all of them does.
// Begins when it is made, in a thread beside; with a single worker, or where no thread is to be
// had, it is done when it is waited for.
class StructureCheck {
public:
    // The snapshot outlives this.
    explicit StructureCheck(const store::SharedSnapshot& snapshot);
    // A fault is a finding, and so is whatever ended the check.
    void finish(audit::LogVerifier& verifier);

private:
    std::future<std::vector<std::string>> faults_;
};

}  // namespace dcm::cli
