#pragma once

#include "audit/verify.h"
#include "store/log_reader.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace dcm::cli {

// What lies beside the records in the database, for the verifier, who trusts none of it.

[[nodiscard]] audit::StoredTree stored_tree(const store::LogReader& snapshot);

// From the stored tiles; what they give is not trusted, so where they give nothing nothing is lost.
[[nodiscard]] std::optional<std::vector<audit::Hash>> stored_proof(
    const store::LogReader& snapshot, const audit::ConsistencyQuery& query);

// From a size on. Those of the key's changes before it come first: they vouch for the keys. The
// snapshot outlives them.
[[nodiscard]] audit::StoredNotes stored_notes(const store::LogReader& snapshot,
                                              std::int64_t from,
                                              const std::optional<audit::LogKeys>& keys);

}  // namespace dcm::cli
