#pragma once

#include "billing/intervals.h"
#include "store/log_reader.h"

#include <cstdint>
#include <functional>
#include <string>

namespace dcm::store {

// An event that was accepted later than its time would have it.
struct LateEvent {
    billing::InstanceKey key;
    std::string word;
    Instant time;
};

// Every event from before a time that was recorded, or accepted by a retry, since the log had this
// many records; each once, in no order.
void visit_late_events(const LogReader& snapshot,
                       std::int64_t since,
                       Instant before,
                       const std::function<void(const LateEvent&)>& visit);

}  // namespace dcm::store
