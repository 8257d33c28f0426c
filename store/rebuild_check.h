#pragma once

#include "rules/lifecycle.h"
#include "store/database.h"
#include "store/derived_ledger.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dcm::store {

// The state of the database the derived tables are held against.
struct DerivedState {
    std::int64_t log_size = 0;
    std::int64_t projected_to = 0;
    // That of the projection; without it instances and intervals are not compared.
    std::optional<rules::Lifecycle> lifecycle;
};

// What differs first in each group of tables, table and key; empty where nothing does.
struct DerivedDifferences {
    std::string timelines;   // instance_event, instance, interval
    std::string identities;  // identity_run, identity_chunk
    std::string ledger;      // broker_epoch, broker_range
    DerivedLedger right_ledger;
};

// Reads the whole log and compares, on every core, through connections of its own that write
// nothing. The caller holds the write lock, so all of them see one state.
[[nodiscard]] DerivedDifferences compare_with_log(
    const DatabaseUrl& url,
    const DerivedState& state,
    const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace dcm::store
