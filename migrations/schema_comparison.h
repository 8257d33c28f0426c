#pragma once

#include <string>
#include <vector>

namespace soci {
class session;
}  // namespace soci

namespace dcm::migrations {

// What somebody changed in the schema since.
struct SchemaDifference {
    enum class Kind {
        missing,  // of ours
        altered,  // ours, defined otherwise than the applied migrations define it
        added,    // a table, view or index that is not ours
        // An index on a table of ours that is not: by an expression, or of some rows only. SQLite
        // computes that, whatever it is, when it writes a row or checks the table.
        computing,
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

// The tables of ours that SQLite can check without computing anything that is not ours: they are
// there, defined as the applied migrations define them, and so is each of their indexes that
// computes something.
[[nodiscard]] std::vector<std::string> checkable_tables(soci::session& session);

// Indexes on our tables that are not ours, by the names that SQLite knows them by.
[[nodiscard]] std::vector<std::string> strange_indexes(soci::session& session);

}  // namespace dcm::migrations
