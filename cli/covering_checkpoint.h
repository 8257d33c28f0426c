#pragma once

#include "cli/shell.h"
#include "store/database.h"

#include <cstdint>
#include <string>

namespace dcm::cli {

// The signed note of a checkpoint that covers so many records, which are committed. Signs one where
// nobody ingests; else waits for the ingesting process, which signs within a second. Throws Failure
// (environment) when none comes, and for a database that lacks records that were signed.
[[nodiscard]] std::string covering_checkpoint(Shell& shell,
                                              store::Database& database,
                                              std::int64_t records);

}  // namespace dcm::cli
