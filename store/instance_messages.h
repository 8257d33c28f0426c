#pragma once

#include "billing/intervals.h"
#include "store/log_reader.h"
#include "store/recorded_message.h"

#include <vector>

namespace dcm::store {

// Every message about an instance, in the order of recording: those accepted, and those first
// recorded under its name whatever became of them.
[[nodiscard]] std::vector<RecordedMessage> messages_about(const LogReader& snapshot,
                                                          const billing::InstanceKey& key);

}  // namespace dcm::store
