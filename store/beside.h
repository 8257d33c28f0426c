#pragma once

#include <future>

namespace dcm::store {

// For std::async: in a thread of its own, or, where the system has none to give, in the thread that
// waits for the result. Both standard libraries we build with try the thread first, and the tests
// of each user hold them to it. wait_for() then says `deferred`.
inline constexpr std::launch kBeside = std::launch::async | std::launch::deferred;

}  // namespace dcm::store
