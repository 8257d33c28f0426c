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

// The tables instance, interval, instance_event and event_after_end, row by row. One thread;
// statements are kept.
class TimelineTable {
public:
    explicit TimelineTable(soci::session& session);
    TimelineTable(const TimelineTable&) = delete;
    TimelineTable& operator=(const TimelineTable&) = delete;
    ~TimelineTable();

    // The next instance in the order of numbers.
    [[nodiscard]] std::optional<StoredInstance> next(std::int64_t after);
    // The last two intervals, which is all that an event in order can change; or all of them.
    [[nodiscard]] std::vector<billing::Interval> last_two_intervals(std::int64_t instance_no);
    [[nodiscard]] std::vector<billing::Interval> all_intervals(std::int64_t instance_no);
    // Every stored event of an instance, in no order.
    [[nodiscard]] std::vector<RecordedEvent> events(const StoredInstance& instance);

    void save(const StoredInstance& instance);
    void insert_event(std::int64_t instance_no, const RecordedEvent& event);
    // Whether an event follows the end of its instance.
    void set_after_end(std::int64_t instance_no, std::int64_t log_seq, bool is_after);
    // Makes the stored intervals, from the first of `before` on, those in `after`.
    void replace_intervals(std::int64_t instance_no,
                           const std::vector<billing::Interval>& before,
                           const std::vector<billing::Interval>& after);

private:
    [[nodiscard]] static std::vector<billing::Interval> fetch_intervals(RowStatement& query);
    void put_interval(std::int64_t instance_no, const billing::Interval& interval);

    RowStatement select_next_;
    RowStatement upsert_instance_;
    RowStatement select_last_two_;
    RowStatement select_all_;
    RowStatement select_events_;
    RowStatement insert_event_;
    RowStatement insert_after_end_;
    RowStatement delete_after_end_;
    RowStatement delete_interval_;
    RowStatement put_interval_;
};

}  // namespace dcm::store
