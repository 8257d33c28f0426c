#pragma once

#include "rules/lifecycle.h"
#include "store/event_record.h"
#include "store/instance_index.h"
#include "store/log_row.h"
#include "store/timeline_table.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// How far instances and intervals follow the log, and under which lifecycle.
struct ProjectionState {
    std::int64_t log_size = 0;
    std::string lifecycle_digest;
};
[[nodiscard]] ProjectionState read_projection_state(soci::session& session);

// SHA-256 of the lifecycle's canonical text, in hex.
[[nodiscard]] std::string digest_of(const rules::Lifecycle& lifecycle);

// The accepted events recorded in a stretch of the log, in the order of recording. A verdict that
// was retried counts where it was retried, and its event takes the place of the first record.
void visit_accepted_events(soci::session& session,
                           SeqRange range,
                           const std::function<void(RecordedEvent&&)>& visit);

[[nodiscard]] std::vector<RecordedEvent> read_accepted_events(soci::session& session,
                                                              SeqRange range);

// The accepted events of one instance in order: those stored, and those that are new. Throws
// Failure (malformed) when one is among both, because the projection then says that it follows less
// of the log than it does.
[[nodiscard]] std::vector<billing::AcceptedEvent> join_events(
    const std::vector<RecordedEvent>& stored,
    const std::vector<RecordedEvent>& added,
    const rules::Lifecycle& lifecycle);

// What an instance's events, stored and new, come to. Throws Failure (malformed) when there are
// none, and as join_events does.
[[nodiscard]] billing::Timeline derive_timeline(const billing::InstanceKey& key,
                                                std::vector<billing::AcceptedEvent> events,
                                                const rules::Lifecycle& lifecycle);

// Throws Failure (malformed) when the projection says that it follows more of the log than there
// is.
void require_within(const ProjectionState& state, std::int64_t log_size);

// The Failure (malformed) for a record that is accepted and tells no event.
[[noreturn]] void refuse_record(std::int64_t seq);

// Whether an event follows the first end of its instance.
[[nodiscard]] bool is_after_end(const billing::EventOrder& order,
                                const billing::InstanceSummary& summary);

// Writes the derived tables, within the caller's transactions.
class Projection {
public:
    // The index is current, and shares the transaction's fate.
    Projection(soci::session& session, const rules::Lifecycle& lifecycle, InstanceIndex& instances);
    Projection(const Projection&) = delete;
    Projection& operator=(const Projection&) = delete;
    ~Projection();

    // Under another lifecycle than this one: derives everything stored again first.
    void adopt_lifecycle();
    // Takes in these events, which are all that were accepted between the stored state and `to`.
    void take_in(std::vector<RecordedEvent> events, std::int64_t to);

private:
    // The new events of one instance.
    struct Group {
        StoredInstance instance;
        bool is_stored = false;
        std::vector<RecordedEvent> events;
    };

    [[nodiscard]] std::vector<Group> group_by_instance(std::vector<RecordedEvent> events);
    [[nodiscard]] Group group_of(const RecordedEvent& first);
    void extend_in_order(Group& group);
    // From all its events, and those that are added.
    void derive_again(StoredInstance& instance, const std::vector<RecordedEvent>& added);
    void write_events(const std::vector<Group>& groups);
    void save(StoredInstance& instance,
              const std::vector<billing::Interval>& before,
              const billing::Timeline& timeline);
    void write_state(std::int64_t log_size);

    soci::session& session_;
    const rules::Lifecycle& lifecycle_;
    std::string lifecycle_digest_;
    InstanceIndex& instances_;
    TimelineTable table_;
};

}  // namespace dcm::store
