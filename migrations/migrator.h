#pragma once

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

// The tables that all migrations together make, by name.
[[nodiscard]] std::vector<std::string> own_tables();

// What somebody changed in the schema since.
struct SchemaDifference {
    enum class Kind {
        missing,  // of ours
        altered,  // ours, defined otherwise than the applied migrations define it
        added,    // a table, view or index that is not ours
        // Not ours, and no such addition: a trigger, or what only an edit of the schema itself
        // makes, under a name that SQLite keeps for itself or as what it is not.
        planted,
    };
    std::string object;  // `<type> <name>`
    Kind kind = Kind::missing;

    // `<type> <name>: <what>`
    [[nodiscard]] std::string text() const;
    bool operator==(const SchemaDifference&) const = default;
};

// Tables, views, triggers and indexes, ours first. For the auditor; the state is current or older.
[[nodiscard]] std::vector<SchemaDifference> schema_differences(soci::session& session);

// Indexes on our tables that are not ours, by the names that SQLite knows them by.
[[nodiscard]] std::vector<std::string> strange_indexes(soci::session& session);

}  // namespace dcm::migrations
