#pragma once

#include "billing/intervals.h"
#include "rules/lifecycle.h"
#include "store/usage_reader.h"

#include <cstdint>
#include <set>

namespace dcm::store {

// Intervals as they were when the log had fewer records: what was recorded or accepted since is
// left out.
class PastUsage {
public:
    // `usage` is of the same snapshot and lifecycle; all three outlive this.
    PastUsage(const LogReader& snapshot,
              const UsageReader& usage,
              const rules::Lifecycle& lifecycle,
              std::int64_t log_size);

    [[nodiscard]] billing::Timeline timeline_of(const billing::InstanceKey& key) const;
    // Whether the message recorded at this seq was accepted by then, when it is now.
    [[nodiscard]] bool knows(std::int64_t seq) const;

private:
    const UsageReader& usage_;
    const rules::Lifecycle& lifecycle_;
    std::int64_t log_size_;
    std::set<std::int64_t> accepted_since_;  // by a retry
};

}  // namespace dcm::store
