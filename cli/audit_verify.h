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
};

// `audit verify`: reads one snapshot, judges it with audit::LogVerifier and prints the verdict. The
// value is the exit code of contracts.md.
[[nodiscard]] int verify_log(Shell& shell, const VerifyCommandOptions& options);

}  // namespace dcm::cli
