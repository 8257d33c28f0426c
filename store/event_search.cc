#include "store/event_search.h"

#include "store/statement.h"

#include <string>

namespace dcm::store {
namespace {

constexpr const char* kSelectEvent =
    "SELECT seq FROM audit_log WHERE ce_source = :source AND ce_id = :id "
    "ORDER BY outcome <> 'accepted', kind <> 'event.received', seq LIMIT 1";

}  // namespace

std::optional<std::int64_t> find_event(const LogReader& snapshot, const EventKey& key) {
    return guarded("look for an event", [&]() -> std::optional<std::int64_t> {
        const std::string source(key.source);
        const std::string id(key.id);
        std::int64_t seq = 0;
        soci::session& session = snapshot.database().session();
        session << kSelectEvent, soci::use(source, "source"), soci::use(id, "id"), soci::into(seq);
        return session.got_data() ? std::optional(seq) : std::nullopt;
    });
}

}  // namespace dcm::store
