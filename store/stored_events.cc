#include "store/stored_events.h"

namespace dcm::store {
namespace {

constexpr const char* kSelectEventsOfInstances =
    "SELECT instance_no, log_seq, event_time, stream_seq, source, word FROM instance_event "
    "WHERE segment = ? AND instance_no >= ? AND instance_no <= ? ORDER BY instance_no, log_seq";

}  // namespace

StoredEvents::StoredEvents(soci::session& session, std::int64_t segments) {
    for (std::int64_t i = 0; i < segments; ++i) {
        cursors_.emplace_back(session, kSelectEventsOfInstances);
    }
}

void StoredEvents::begin(SeqRange instances) {
    for (std::size_t segment = 0; segment < cursors_.size(); ++segment) {
        RowStatement& rows = cursors_[segment];
        rows.bind(static_cast<std::int64_t>(segment)).bind(instances.from).bind(instances.last());
        if (rows.fetch()) {
            turns_.emplace(rows.number(0), segment);
        }
    }
}

std::optional<std::int64_t> StoredEvents::next_instance() const {
    return turns_.empty() ? std::nullopt : std::optional(turns_.top().first);
}

void StoredEvents::visit(const std::function<void(const StoredEvent&)>& visit) {
    const std::int64_t instance_no = turns_.top().first;
    while (!turns_.empty() && turns_.top().first == instance_no) {
        const std::size_t segment = turns_.top().second;
        turns_.pop();
        RowStatement& rows = cursors_[segment];
        bool has_row = true;
        while (has_row && rows.number(0) == instance_no) {
            visit({rows.number(1), rows.number(2), rows.number(3), rows.text(4), rows.text(5)});
            has_row = rows.fetch();
        }
        if (has_row) {
            turns_.emplace(rows.number(0), segment);
        }
    }
}

}  // namespace dcm::store
