#pragma once

#include "cli/shell.h"
#include "store/database.h"

#include <functional>
#include <string>

namespace dcm::cli {

// What commands share that append a record of their own to the log (`audit redact`, …).

// Who runs the command: `user:<name>`, or `user:<number>` for a user without a name.
[[nodiscard]] std::string user_actor();

// Signs a checkpoint of what is committed, unless a process ingests: that one does so within a
// second. `before` runs first, while nobody can begin to ingest. What keeps it from being signed
// is told in the log: the record is there, and the next checkpoint covers it. False when a process
// ingests.
[[nodiscard]] bool sign_unless_ingesting(Shell& shell,
                                         store::Database& database,
                                         const std::function<void()>& before);

// A negative answer: the message goes to stderr, and the value is exit code 1.
[[nodiscard]] int refuse(const std::string& message);

}  // namespace dcm::cli
