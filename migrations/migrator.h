#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace soci {
class session;
}  // namespace soci

namespace dcm::migrations {

// One numbered SQL file of this program, compiled in.
struct Migration {
    int version = 0;
    std::string_view name;
    std::string_view sql;
    std::string_view sha256;  // of the file, lower-case hex
};

// All of them, in order.
[[nodiscard]] std::span<const Migration> sqlite_migrations();

enum class SchemaState {
    empty,    // no table at all
    current,  // ours, and complete
    older,    // ours; some migrations are still to be applied
    newer,    // ours, from a later version of this program
    altered,  // ours, but a recorded checksum differs from this program's file
    foreign,  // another program's tables
};

struct AppliedMigration {
    int version = 0;
    std::string name;
    std::string sha256;
    std::string applied_at;  // RFC 3339
};

struct SchemaStatus {
    SchemaState state = SchemaState::empty;
    std::vector<AppliedMigration> applied;
    std::string detail;  // for altered and foreign: what was found
};

// Looks, changes nothing.
[[nodiscard]] SchemaStatus schema_status(soci::session& session);

// Applies what is missing, all of it in one transaction. The state is empty, older or current
// before; current afterwards.
void migrate_up(soci::session& session, std::string_view applied_at);

// The schema as the first `count` migrations make it, in an empty database; they are not recorded.
void make_schema(soci::session& fresh, std::size_t count);

}  // namespace dcm::migrations
