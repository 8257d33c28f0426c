#pragma once

#include "base/message.h"

#include <cstdint>
#include <vector>

namespace dcm::sim {

// Messages of a few instances as a stream holds them: late ones, repeated ones and ones that are no
// event. No two events have one time, so their usage does not depend on the order of delivery.
[[nodiscard]] std::vector<Message> make_stream(std::int64_t messages, std::uint64_t seed);

}  // namespace dcm::sim
