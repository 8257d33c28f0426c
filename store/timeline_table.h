#pragma once

#include "billing/intervals.h"
#include "store/event_record.h"
#include "store/statement.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

struct StoredInstance {
    std::int64_t instance_no = 0;
    billing::InstanceKey key;
    billing::InstanceSummary summary;
};

// Events recorded in one stretch of the log lie together in instance_event.
inline constexpr std::int64_t kSegmentRecords = 262'144;

// The tables instance, interval and instance_event, row by row. One thread; statements are kept.
class TimelineTable {
public:
    explicit TimelineTable(soci::session& session);
    TimelineTable(const TimelineTable&) = delete;
    TimelineTable& operator=(const TimelineTable&) = delete;
    ~TimelineTable();

    [[nodiscard]] std::optional<StoredInstance> find(const billing::InstanceKey& key);
    // The next instance after this one in the order of keys; the first after an empty key.
    [[nodiscard]] std::optional<StoredInstance> next(const billing::InstanceKey& after);
    // The last two intervals, which is all that an event in order can change; or all of them.
    [[nodiscard]] std::vector<billing::Interval> last_two_intervals(std::int64_t instance_no);
    [[nodiscard]] std::vector<billing::Interval> all_intervals(std::int64_t instance_no);
    // Every stored event of an instance, in no order.
    [[nodiscard]] std::vector<RecordedEvent> events(const StoredInstance& instance);

    void save(const StoredInstance& instance);
    void insert_event(std::int64_t instance_no, const RecordedEvent& event);
    // Makes the stored intervals from the first of `before` on those in `after`.
    void replace_intervals(std::int64_t instance_no,
                           const std::vector<billing::Interval>& before,
                           const std::vector<billing::Interval>& after);

private:
    struct InstanceRow {
        StoredInstance instance;
        Nullable<std::int64_t> ended_time;
        Nullable<std::int64_t> ended_stream_seq;
        Nullable<std::int64_t> ended_log_seq;
    };
    struct IntervalRow {
        billing::Interval interval;
        Nullable<std::int64_t> ended_at;
        Nullable<std::int64_t> closed_by;
        int doubtful = 0;
    };
    struct EventRow {
        std::int64_t segment = 0;
        std::int64_t log_seq = 0;
        std::int64_t time = 0;
        std::int64_t stream_seq = 0;
        std::string source;
        std::string word;
    };

    [[nodiscard]] soci::statement prepare_instance_query(const char* sql);
    [[nodiscard]] soci::statement prepare_interval_query(const char* sql);
    [[nodiscard]] std::optional<StoredInstance> fetch_instance(soci::statement& query);
    [[nodiscard]] std::vector<billing::Interval> fetch_intervals(soci::statement& query);
    void insert_interval(const billing::Interval& interval);

    soci::session& session_;
    InstanceRow row_;
    billing::InstanceKey key_;
    IntervalRow interval_;
    EventRow event_;
    std::int64_t instance_no_ = 0;
    std::int64_t from_start_ = 0;

    soci::statement select_instance_;
    soci::statement select_next_;
    soci::statement upsert_instance_;
    soci::statement select_last_two_;
    soci::statement select_all_;
    soci::statement select_events_;
    soci::statement insert_event_;
    soci::statement delete_intervals_;
    soci::statement insert_interval_;
};

}  // namespace dcm::store
