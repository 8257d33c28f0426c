#include "store/known_instances.h"

#include "store/row_statement.h"

namespace dcm::store {
namespace {

constexpr const char* kCount = "SELECT count(*) FROM instance";
constexpr const char* kSelect =
    "SELECT instance_no, service_type || '/' || instance_id FROM instance";

}  // namespace

KnownInstances::KnownInstances(soci::session& session) {
    RowStatement count(session, kCount);
    if (count.fetch()) {
        numbers_.reserve(static_cast<std::size_t>(count.number(0)));
    }
    RowStatement rows(session, kSelect);
    while (rows.fetch()) {
        numbers_.emplace(rows.text(1), rows.number(0));
    }
}

std::optional<std::int64_t> KnownInstances::find(std::string_view subject) const {
    const auto found = numbers_.find(subject);
    return found == numbers_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace dcm::store
