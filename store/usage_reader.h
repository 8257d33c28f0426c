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
#include <vector>

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

    // The same, all of them and in no particular order: several times as fast, because what is
    // stored is read as it lies.
    void each_in_any_order(const Visitor& visit) const;
    // Where the earliest interval starts; nullopt where there is none. After a call of
    // each_in_any_order it is known already.
    [[nodiscard]] std::optional<Instant> earliest_start() const;

    // The accepted events of one instance, in order. May be called from a visitor.
    [[nodiscard]] std::vector<billing::AcceptedEvent> events_of(
        const billing::InstanceKey& key) const;

    // Who sent the event recorded at this seq.
    [[nodiscard]] EventIdentity identity_of(std::int64_t log_seq) const;

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace dcm::store
