#pragma once

#include "rules/lifecycle.h"
#include "store/database.h"

#include <cstdint>
#include <functional>
#include <string>

namespace dcm::store {

struct RebuildOutcome {
    std::int64_t records = 0;
    std::int64_t instances = 0;
    std::int64_t intervals = 0;
    // Empty when every derived table was as the log gives it; else what differed first, table and
    // key.
    std::string difference;
};

// Derives every derived table again from the log and compares as it goes; what differs is dropped
// and written anew, all in one transaction (ADR 12). `progress` is told records done and in all, by
// any thread, one at a time.
//
// A projection that merely lags is brought up to date, which is no difference. One that was made
// with another lifecycle is compared with what that one gives, when its rule book is kept in the
// database, and then derived under this one.
[[nodiscard]] RebuildOutcome rebuild(
    const DatabaseUrl& url,
    const rules::Lifecycle& lifecycle,
    const std::function<void(std::int64_t, std::int64_t)>& progress);

}  // namespace dcm::store
