#include "store/usage_reader.h"

#include "base/check.h"
#include "store/distinct_instances.h"
#include "store/instance_index.h"
#include "store/projection.h"
#include "store/timeline_scan.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace dcm::store {
namespace {

constexpr std::string_view kReadingInstances = "read instances";
constexpr const char* kSelectIdentity = "SELECT ce_source, ce_id FROM audit_log WHERE seq = :seq";

bool matches(const InstanceFilter& filter, const billing::InstanceKey& key) {
    return (!filter.service_type || *filter.service_type == key.service_type) &&
           (!filter.instance || *filter.instance == key.instance);
}

constexpr const char* kInOrder =
    "WHERE (?1 IS NULL OR service_type = ?1) AND (?2 IS NULL OR instance_id = ?2) "
    "ORDER BY service_type, instance_id";

// The stored instances that a filter matches, in the order of their keys.
class InstancesInOrder {
public:
    InstancesInOrder(soci::session& session, InstanceFilter filter)
        : filter_(std::move(filter)), rows_(session, select_instances(kInOrder).c_str()) {
        rows_.bind_or_null(filter_.service_type).bind_or_null(filter_.instance);
    }

    std::optional<StoredInstance> next() {
        std::optional<StoredInstance> found;
        if (rows_.fetch()) {
            read_instance(rows_, found.emplace());
            if (before_ == found->key) {
                refuse_twice(found->key);
            }
            before_ = found->key;
        }
        return found;
    }

private:
    std::optional<billing::InstanceKey> before_;
    InstanceFilter filter_;  // bound
    RowStatement rows_;
};

}  // namespace

class UsageReader::State {
public:
    using Tail = std::map<billing::InstanceKey, std::vector<RecordedEvent>>;

    State(const LogReader& snapshot, const rules::Lifecycle& lifecycle)
        : session_(snapshot.database().session()),
          lifecycle_(lifecycle),
          table_(session_),
          stored_(read_projection_state(session_)),
          is_same_lifecycle_(stored_.lifecycle_digest == digest_of(lifecycle)) {
        require_within(stored_, snapshot.head().size);
        visit_accepted_events(
            session_, {stored_.log_size, snapshot.head().size}, [this](RecordedEvent&& event) {
                auto& events = tail_[event.key];
                events.push_back(std::move(event));
            });
        for (auto& [key, events] : tail_) {
            std::sort(events.begin(),
                      events.end(),
                      [](const RecordedEvent& left, const RecordedEvent& right) {
                          return left.order < right.order;
                      });
        }
    }

    void each_instance(const InstanceFilter& filter, const Visitor& visit) {
        if (filter.service_type && filter.instance) {
            visit_one({*filter.service_type, *filter.instance}, visit);
        } else {
            visit_in_order(filter, visit);
        }
    }

    void each_in_any_order(const Visitor& visit) {
        std::optional<Instant> earliest;
        pass_over([&](const auto& key, const auto& timeline) {
            if (!timeline.intervals.empty()) {
                const Instant start = timeline.intervals.front().start;
                earliest = earliest ? std::min(*earliest, start) : start;
            }
            visit(key, timeline);
        });
        earliest_start_ = earliest;
    }

    std::optional<Instant> earliest_start() {
        if (!earliest_start_) {
            each_in_any_order([](const auto& /*key*/, const auto& /*timeline*/) {});
        }
        return *earliest_start_;
    }

    std::vector<billing::AcceptedEvent> events_of(const billing::InstanceKey& key) {
        if (!story_table_) {
            story_table_.emplace(session_);
        }
        const auto stored = find(key);
        const auto tail = tail_.find(key);
        return join_events(stored ? story_table_->events(*stored) : std::vector<RecordedEvent>(),
                           tail != tail_.end() ? tail->second : std::vector<RecordedEvent>(),
                           lifecycle_);
    }

    EventIdentity identity_of(std::int64_t log_seq) {
        EventIdentity identity;
        Nullable<std::string> source;
        Nullable<std::string> id;
        session_ << kSelectIdentity, soci::use(log_seq, "seq"),
            soci::into(source.value, source.state), soci::into(id.value, id.state);
        return {source.get().value_or(""), id.get().value_or("")};
    }

private:
    std::optional<StoredInstance> find(const billing::InstanceKey& key) {
        if (!index_) {
            index_.emplace(session_);
        }
        return index_->find(key);
    }

    void visit_one(const billing::InstanceKey& key, const Visitor& visit) {
        const auto stored = find(key);
        const auto tail = tail_.find(key);
        if (stored || tail != tail_.end()) {
            visit(key,
                  timeline_of(stored ? &*stored : nullptr,
                              tail != tail_.end() ? &tail->second : nullptr));
        }
    }

    // Merges the stored instances with those of the tail.
    void visit_in_order(const InstanceFilter& filter, const Visitor& visit) {
        InstancesInOrder instances(session_, filter);
        auto stored = instances.next();
        auto tail = tail_.begin();
        while (stored || tail != tail_.end()) {
            const Turn turn = turn_of(stored, tail);
            if (matches(filter, turn.key)) {
                visit(turn.key,
                      timeline_of(turn.is_stored ? &*stored : nullptr,
                                  turn.is_in_tail ? &tail->second : nullptr));
            }
            if (turn.is_stored) {
                stored = instances.next();
            }
            if (turn.is_in_tail) {
                ++tail;
            }
        }
    }

    void pass_over(const Visitor& visit) {
        if (!is_same_lifecycle_) {
            each_instance({}, visit);  // every timeline is derived from its events
            return;
        }
        DistinctInstances instances;
        std::set<billing::InstanceKey> stored;  // of those in the tail
        for (TimelineScan scan(session_); scan.next();) {
            const billing::InstanceKey& key = scan.instance().key;
            instances.add(key);
            const auto tail = tail_.find(key);
            if (tail == tail_.end()) {
                visit(key, scan.timeline());
            } else {
                visit(key, timeline_of(&scan.instance(), &tail->second));
                stored.insert(key);
            }
        }
        instances.require(session_);
        for (const auto& [key, events] : tail_) {
            if (!stored.contains(key)) {
                visit(key, timeline_of(nullptr, &events));
            }
        }
    }

    // The lesser of two keys, and which of the two have it.
    struct Turn {
        billing::InstanceKey key;
        bool is_stored = false;
        bool is_in_tail = false;
    };
    // At least one of the two is there.
    [[nodiscard]] Turn turn_of(const std::optional<StoredInstance>& stored,
                               Tail::const_iterator tail) const {
        if (!stored) {
            return {tail->first, /*is_stored=*/false, /*is_in_tail=*/true};
        }
        if (tail == tail_.end() || stored->key < tail->first) {
            return {stored->key, /*is_stored=*/true, /*is_in_tail=*/false};
        }
        return {tail->first, /*is_stored=*/stored->key == tail->first, /*is_in_tail=*/true};
    }

    billing::Timeline timeline_of(const StoredInstance* stored,
                                  const std::vector<RecordedEvent>* tail) {
        DCM_CHECK(stored != nullptr || tail != nullptr);
        if (stored != nullptr && tail == nullptr && is_same_lifecycle_) {
            return {table_.all_intervals(stored->instance_no), stored->summary};
        }
        if (stored != nullptr && tail != nullptr && is_same_lifecycle_ && follows(*tail, *stored)) {
            return extended(*stored, *tail);
        }
        return derive_timeline(
            stored != nullptr ? stored->key : tail->front().key,
            join_events(stored != nullptr ? table_.events(*stored) : std::vector<RecordedEvent>(),
                        tail != nullptr ? *tail : std::vector<RecordedEvent>(),
                        lifecycle_),
            lifecycle_);
    }

    // The tail is in order (see the constructor).
    [[nodiscard]] static bool follows(const std::vector<RecordedEvent>& tail,
                                      const StoredInstance& stored) {
        return stored.summary.last < tail.front().order;
    }

    [[nodiscard]] billing::Timeline extended(const StoredInstance& stored,
                                             const std::vector<RecordedEvent>& tail) {
        billing::Timeline timeline{table_.all_intervals(stored.instance_no), stored.summary};
        for (const RecordedEvent& event : tail) {
            billing::extend(
                timeline, event.key.service_type, accepted_event(event, lifecycle_), lifecycle_);
        }
        return timeline;
    }

    soci::session& session_;
    const rules::Lifecycle& lifecycle_;
    TimelineTable table_;
    std::optional<TimelineTable> story_table_;  // table_ may be at a row
    std::optional<InstanceIndex> index_;        // only where one instance is asked for
    ProjectionState stored_;
    bool is_same_lifecycle_;
    Tail tail_;
    std::optional<std::optional<Instant>> earliest_start_;  // absent until it is known
};

UsageReader::UsageReader(const LogReader& snapshot, const rules::Lifecycle& lifecycle)
    : state_(guarded(kReadingInstances,
                     [&] { return std::make_unique<State>(snapshot, lifecycle); })) {}

UsageReader::~UsageReader() = default;

void UsageReader::each_instance(const InstanceFilter& filter, const Visitor& visit) const {
    guarded(kReadingInstances, [&] { state_->each_instance(filter, visit); });
}

void UsageReader::each_in_any_order(const Visitor& visit) const {
    guarded(kReadingInstances, [&] { state_->each_in_any_order(visit); });
}

std::optional<Instant> UsageReader::earliest_start() const {
    return guarded(kReadingInstances, [&] { return state_->earliest_start(); });
}

std::vector<billing::AcceptedEvent> UsageReader::events_of(const billing::InstanceKey& key) const {
    return guarded(kReadingInstances, [&] { return state_->events_of(key); });
}

EventIdentity UsageReader::identity_of(std::int64_t log_seq) const {
    return guarded(kReadingInstances, [&] { return state_->identity_of(log_seq); });
}

}  // namespace dcm::store
