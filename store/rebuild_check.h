#pragma once

#include "rules/lifecycle.h"
#include "store/derived_ledger.h"
#include "store/shared_snapshot.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dcm::store {

// What the derived tables say of themselves.
struct DerivedState {
    std::int64_t log_size = 0;
    std::int64_t projection_size = 0;
    std::string followed;  // the digest of the lifecycle that the projection follows
    // Those of the projection and of the book in use. Without the first, instances and intervals
    // are not compared; without the second, the dictionaries. Where nothing is projected yet, any
    // is the first.
    std::optional<rules::Lifecycle> lifecycle;
    std::optional<rules::Lifecycle> in_use;

    // How much of the log the projection has taken in.
    [[nodiscard]] std::int64_t projected_to() const;
};

// A lifecycle is `offered` or one whose rule book is kept in the database. Throws Failure
// (malformed) when the head counts other records than there are.
[[nodiscard]] DerivedState read_derived_state(soci::session& session,
                                              const rules::Lifecycle& offered);

// What differs first in each group of tables, table and key; empty where nothing does.
struct DerivedDifferences {
    std::string timelines;      // instance_event, instance, interval, event_after_end, projection
    std::string instance_runs;  // instance_run, instance_chunk
    std::string identities;     // identity_run, identity_chunk
    std::string ledger;         // broker_epoch, broker_range
    std::string dictionaries;   // status_alias, provider_name
    DerivedLedger right_ledger;

    // The first of them.
    [[nodiscard]] std::string first() const;
};

// Reads the whole log and compares, with every worker of the snapshot. `progress` is told records
// done and in all, by any thread, one at a time.
[[nodiscard]] DerivedDifferences compare_with_log(
    const SharedSnapshot& snapshot,
    const DerivedState& state,
    const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace dcm::store
