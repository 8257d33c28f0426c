#pragma once

#include "billing/intervals.h"
#include "store/event_record.h"
#include "store/row_statement.h"
#include "store/timeline_rows.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

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
    // Makes the stored intervals, from the first of `before` on, those in `after`.
    void replace_intervals(std::int64_t instance_no,
                           const std::vector<billing::Interval>& before,
                           const std::vector<billing::Interval>& after);

private:
    [[nodiscard]] static std::optional<StoredInstance> fetch_instance(RowStatement& query);
    [[nodiscard]] static std::vector<billing::Interval> fetch_intervals(RowStatement& query);
    void put_interval(std::int64_t instance_no, const billing::Interval& interval);

    RowStatement select_instance_;
    RowStatement select_next_;
    RowStatement upsert_instance_;
    RowStatement select_last_two_;
    RowStatement select_all_;
    RowStatement select_events_;
    RowStatement insert_event_;
    RowStatement delete_interval_;
    RowStatement put_interval_;
};

}  // namespace dcm::store
