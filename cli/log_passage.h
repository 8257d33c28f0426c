#pragma once

#include "audit/verify.h"
#include "cli/progress.h"
#include "cli/verified_file.h"
#include "store/shared_snapshot.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace dcm::cli {

// The log of one snapshot through the verifier.
class LogPassage {
public:
    // `state`: where to remember how far it came, when that is wanted.
    LogPassage(const store::SharedSnapshot& snapshot,
               Progress& progress,
               std::optional<VerifiedFile>& state)
        : snapshot_(snapshot), progress_(progress), state_(state) {}

    // The rows from a seq on. Those before it were verified earlier and are not read, but counted.
    void run(std::int64_t from, audit::LogVerifier& verifier);
    void save(audit::LogVerifier& verifier);

private:
    // What the records that were read say was redacted is gone.
    void check_redactions(audit::LogVerifier& verifier) const;
    void check_rows_before(std::int64_t from, audit::LogVerifier& verifier) const;

    const store::SharedSnapshot& snapshot_;
    Progress& progress_;
    std::optional<VerifiedFile>& state_;
    std::vector<std::int64_t> redacted_;
};

}  // namespace dcm::cli
