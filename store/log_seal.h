#pragma once

#include "audit/seal.h"
#include "store/database.h"

#include <optional>

namespace dcm::store {

// The log's seal as stored; nullopt when its row is missing.
[[nodiscard]] std::optional<audit::Seal> read_seal(soci::session& session);
// Puts it in place of the one before, within the transaction that appended what it is of.
void write_seal(soci::session& session, const audit::Seal& seal);

// Seals what was recorded before there were seals, once: from here on each writer demands one. The
// caller has found that these records are those of the log. Throws Failure: malformed when the log
// is sealed already or is not this tree any more, environment when it cannot be written.
void seal_history(Database& database, const audit::Frontier& tree, const audit::SigningKey& key);

}  // namespace dcm::store
