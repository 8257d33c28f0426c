#include "store/past_usage.h"

#include "store/row_statement.h"
#include "store/statement.h"

#include <utility>
#include <vector>

namespace dcm::store {
namespace {

// The sign makes it the partial index that is read, not all records since.
constexpr const char* kSelectRetriedSince =
    "SELECT CAST(substr(subject, 5) AS INTEGER) FROM audit_log "
    "WHERE kind = 'quarantine.retried' AND +seq >= ?";

}  // namespace

PastUsage::PastUsage(const LogReader& snapshot,
                     const UsageReader& usage,
                     const rules::Lifecycle& lifecycle,
                     std::int64_t log_size)
    : usage_(usage), lifecycle_(lifecycle), log_size_(log_size) {
    guarded("read past usage", [&] {
        RowStatement rows(snapshot.database().session(), kSelectRetriedSince);
        rows.bind(log_size);
        while (rows.fetch()) {
            accepted_since_.insert(rows.number(0));
        }
    });
}

bool PastUsage::knows(std::int64_t seq) const {
    return seq < log_size_ && !accepted_since_.contains(seq);
}

billing::Timeline PastUsage::timeline_of(const billing::InstanceKey& key) const {
    std::vector<billing::AcceptedEvent> events = usage_.events_of(key);
    std::erase_if(events, [this](const billing::AcceptedEvent& event) {
        return !knows(event.order.log_seq);
    });
    return billing::derive_intervals(std::move(events), key.service_type, lifecycle_);
}

}  // namespace dcm::store
