#pragma once

#include "cli/shell.h"

#include <string>
#include <vector>

namespace dcm::cli {

struct VerifyCommandOptions {
    std::vector<std::string> anchors;
    std::vector<std::string> trusted_notes;
    std::string verifier_key;
    bool json = false;
    std::size_t jobs = 0;     // 0: as many as there are cores
    bool since_last = false;  // only what was not verified before
    std::string state;        // where that is remembered; empty: beside the database
    bool rebuild = false;     // the derived tables too
};

// `audit verify`: reads one snapshot, judges it with audit::LogVerifier and prints the verdict. The
// value is the exit code of contracts.md.
[[nodiscard]] int verify_log(Shell& shell, const VerifyCommandOptions& options);

}  // namespace dcm::cli
