#pragma once

#include "billing/intervals.h"
#include "rules/lifecycle.h"
#include "store/first_difference.h"
#include "store/log_stretch.h"
#include "store/stored_events.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcm::store {

// Folds the events of instance_event and holds the tables instance and interval against what comes
// out. One thread; several may share a FirstDifference.
class TimelineCheck {
public:
    // `segments`: how many instance_event has.
    TimelineCheck(soci::session& session,
                  const rules::Lifecycle& lifecycle,
                  const std::vector<RetriedEvent>& retried,
                  std::int64_t segments);
    TimelineCheck(const TimelineCheck&) = delete;
    TimelineCheck& operator=(const TimelineCheck&) = delete;
    ~TimelineCheck() = default;

    // How many events the checked instances have after their ends.
    [[nodiscard]] std::int64_t events_after_end() const { return events_after_end_; }

    // Instances with these numbers; tells of the first difference.
    void check(SeqRange instances, FirstDifference& difference);

private:
    struct Fold {
        billing::Timeline timeline;
        std::int64_t first_recorded = 0;  // log seq of the event that was recorded first
        std::vector<billing::EventOrder> orders;
    };

    [[nodiscard]] Fold fold(const std::string& service_type);
    // Each: what differs first; empty when nothing does.
    [[nodiscard]] std::string events_without_instance(std::optional<std::int64_t> number);
    [[nodiscard]] std::string intervals_before(std::optional<std::int64_t> number);
    [[nodiscard]] std::string instance_difference(std::int64_t number);
    [[nodiscard]] std::string after_end_difference(std::int64_t number, const Fold& folded);
    [[nodiscard]] std::string interval_difference(std::int64_t number,
                                                  const billing::Timeline& timeline);

    const rules::Lifecycle& lifecycle_;
    std::unordered_map<std::int64_t, std::int64_t> verdict_of_;  // retried: log seq → verdict's
    StoredEvents events_;
    RowStatement select_instances_;
    RowStatement select_intervals_;
    RowStatement select_after_end_;
    bool has_interval_ = false;
    std::int64_t events_after_end_ = 0;
};

}  // namespace dcm::store
