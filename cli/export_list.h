#pragma once

#include "cli/shell.h"

namespace dcm::cli {

// `export list`: each export with its last run, its next one, what is published, and its state:
// `never`, `done`, `failed`, or `overdue`: a moment of the schedule has come that no run answered.
[[nodiscard]] int list_exports(Shell& shell);

}  // namespace dcm::cli
