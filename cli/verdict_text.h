#pragma once

#include "audit/verdict.h"

#include <string>

namespace dcm::cli {

// What `audit verify` prints for people, a line for each thing that was found.
[[nodiscard]] std::string verdict_text(const audit::Verdict& verdict);

}  // namespace dcm::cli
