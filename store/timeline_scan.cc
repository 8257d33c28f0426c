#include "store/timeline_scan.h"

namespace dcm::store {

TimelineScan::TimelineScan(soci::session& session)
    : instances_(session, select_instances("ORDER BY instance_no").c_str()),
      intervals_(session, select_intervals("ORDER BY instance_no, started_at").c_str()) {
    next_interval();
}

bool TimelineScan::next() {
    if (!instances_.fetch()) {
        return false;
    }
    read_instance(instances_, instance_);
    timeline_.summary = instance_.summary;
    timeline_.intervals.clear();
    while (is_at_interval_ && instance_no_of_interval(intervals_) <= instance_.instance_no) {
        if (instance_no_of_interval(intervals_) == instance_.instance_no) {
            timeline_.intervals.push_back(read_interval(intervals_));
        }
        next_interval();
    }
    return true;
}

void TimelineScan::next_interval() {
    is_at_interval_ = intervals_.fetch();
}

}  // namespace dcm::store
