#pragma once

#include "store/log_row.h"
#include "store/row_statement.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::store {

// A row of instance_event; the texts are valid while it is visited.
struct StoredEvent {
    std::int64_t log_seq = 0;
    std::int64_t time = 0;
    std::int64_t stream_seq = 0;
    std::string_view source;
    std::string_view word;
};

// Reads instance_event instance by instance: a cursor in each segment, merged.
class StoredEvents {
public:
    StoredEvents(soci::session& session, std::int64_t segments);
    StoredEvents(const StoredEvents&) = delete;
    StoredEvents& operator=(const StoredEvents&) = delete;
    ~StoredEvents() = default;

    // Begins with these instances, by number, when those before were read to their end.
    void begin(SeqRange instances);
    // The number of the next instance that has events; nullopt after the last.
    [[nodiscard]] std::optional<std::int64_t> next_instance() const;
    // Its events, and on to the next instance.
    void visit(const std::function<void(const StoredEvent&)>& visit);

private:
    using Turn = std::pair<std::int64_t, std::size_t>;  // instance_no, segment

    std::deque<RowStatement> cursors_;  // one a segment
    std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns_;
};

}  // namespace dcm::store
