#include "store/timeline_rows.h"

namespace dcm::store {
namespace {

constexpr std::string_view kFromInstance =
    "SELECT instance_no, service_type, instance_id, provider, status, since, events, last_time,"
    " last_stream_seq, last_log_seq, ended_time, ended_stream_seq, ended_log_seq "
    "FROM instance ";
constexpr std::string_view kFromInterval =
    "SELECT started_at, ended_at, provider, state, opened_by_seq, closed_by_seq, doubtful,"
    " instance_no "
    "FROM interval ";

}  // namespace

std::string select_instances(std::string_view what_follows) {
    return std::string(kFromInstance).append(what_follows);
}

void read_instance(const RowStatement& row, StoredInstance& instance) {
    billing::InstanceSummary& summary = instance.summary;
    instance.instance_no = row.number(0);
    row.copy_to(instance.key.service_type, 1);
    row.copy_to(instance.key.instance, 2);
    row.copy_to(summary.provider, 3);
    row.copy_to(summary.status, 4);
    summary.since = Instant{row.number(5)};
    summary.events = row.number(6);
    summary.last = {Instant{row.number(7)}, row.number(8), row.number(9)};
    summary.ended.reset();
    if (!row.is_null(10)) {
        summary.ended = {Instant{row.number(10)}, row.number(11), row.number(12)};
    }
}

std::string select_intervals(std::string_view what_follows) {
    return std::string(kFromInterval).append(what_follows);
}

billing::Interval read_interval(const RowStatement& row) {
    billing::Interval interval;
    interval.start = Instant{row.number(0)};
    if (!row.is_null(1)) {
        interval.end = Instant{row.number(1)};
    }
    row.copy_to(interval.provider, 2);
    row.copy_to(interval.state, 3);
    interval.opened_by = row.number(4);
    row.copy_to(interval.closed_by, 5);
    interval.doubtful = row.number(6) != 0;
    return interval;
}

std::int64_t instance_no_of_interval(const RowStatement& row) {
    return row.number(7);
}

}  // namespace dcm::store
