#pragma once

#include "billing/doubt.h"
#include "rules/lifecycle.h"
#include "store/log_reader.h"

#include <cstdint>
#include <map>
#include <vector>

namespace dcm::store {

// What the log holds of doubtful things, found by their indexes and not by reading all of it.

// The log seqs of accepted events whose time was clamped, ascending.
[[nodiscard]] std::vector<std::int64_t> clamped_events(const LogReader& snapshot);

// Whether events may have been accepted under another book, with words this lifecycle does not
// know.
[[nodiscard]] bool may_hold_other_words(const LogReader& snapshot,
                                        const rules::Lifecycle& lifecycle);

// Messages whose latest verdict is `unknown_status`, by the instance they are about; in order.
using UnknownStatuses = std::map<billing::InstanceKey, std::vector<billing::UnknownStatus>>;
[[nodiscard]] UnknownStatuses unknown_statuses(const LogReader& snapshot,
                                               const rules::Lifecycle& lifecycle);

}  // namespace dcm::store
