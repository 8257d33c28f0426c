#pragma once

#include "billing/intervals.h"
#include "rules/lifecycle.h"
#include "store/log_reader.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace dcm::store {

// Narrows which instances are read; what is absent narrows nothing.
struct InstanceFilter {
    std::optional<std::string> service_type;
    std::optional<std::string> instance;
};

struct EventIdentity {
    std::string source;
    std::string id;
};

// Intervals and instances for the whole log of a snapshot: the projection where it is up to date
// and was made with this lifecycle, the rest derived in memory. Writes nothing.
class UsageReader {
public:
    UsageReader(const LogReader& snapshot, const rules::Lifecycle& lifecycle);
    UsageReader(const UsageReader&) = delete;
    UsageReader& operator=(const UsageReader&) = delete;
    ~UsageReader();

    // Every instance with an accepted event, in the order of its key (bytes).
    using Visitor = std::function<void(const billing::InstanceKey&, const billing::Timeline&)>;
    void each_instance(const InstanceFilter& filter, const Visitor& visit) const;

    // Who sent the event recorded at this seq.
    [[nodiscard]] EventIdentity identity_of(std::int64_t log_seq) const;

private:
    class State;
    std::unique_ptr<State> state_;
};

struct RebuildOutcome {
    std::int64_t records = 0;
    std::int64_t instances = 0;
    std::int64_t intervals = 0;
    // Empty when the rebuilt tables are byte-identical; else what differs first, table and key.
    std::string difference;
};

// Drops every derived table and derives it again from the log, in one transaction, and compares
// with what was there: `progress` is told records done and in all. A projection that merely lagged
// or was made with another lifecycle is brought up to date first, so it is no difference.
[[nodiscard]] RebuildOutcome rebuild(
    Database& database,
    const rules::Lifecycle& lifecycle,
    const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace dcm::store
