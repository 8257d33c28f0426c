#pragma once

#include "cli/shell.h"

namespace dcm::cli {

// `export list`: each export with its last run, its next one, what is published, and its state:
// `never`, `done` or `failed`.
[[nodiscard]] int list_exports(Shell& shell);

}  // namespace dcm::cli
