#include "migrations/migrator.h"

#include "migrations/session.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <utility>

namespace dcm::migrations {
namespace {

constexpr std::string_view kCreateHistory =
    "CREATE TABLE schema_migration ("
    "version INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at TEXT NOT "
    "NULL"
    ") STRICT";
constexpr std::string_view kSelectTables =
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE "
    "'\\' "
    "ORDER BY name";
// A view of that name could be anything, one that never ends too.
constexpr std::string_view kSelectHistoryTable =
    "SELECT name FROM sqlite_schema "
    "WHERE name = 'schema_migration' AND type = 'table' AND rootpage > 0";
// Pragmas, not the functions of their names, which a table of such a name would take the place of.
constexpr std::string_view kHistoryColumns = "PRAGMA table_info('schema_migration')";
constexpr std::string_view kSelectHistory =
    "SELECT version, name, sha256, applied_at FROM schema_migration ORDER BY version";
constexpr std::string_view kInsertHistory =
    "INSERT INTO schema_migration (version, name, sha256, applied_at) "
    "VALUES (:version, :name, :sha256, :applied_at)";
constexpr std::size_t kNamesShownMax = 3;

std::vector<std::string> select_texts(soci::session& session, std::string_view sql) {
    const soci::rowset<std::string> rows = (session.prepare << std::string(sql));
    return {rows.begin(), rows.end()};
}

// The second column of a pragma's rows is a name.
std::vector<std::string> names_told_by(soci::session& session, const std::string& pragma) {
    std::vector<std::string> names;
    std::int64_t number = 0;
    std::string name;
    soci::statement statement = (session.prepare << pragma, soci::into(number), soci::into(name));
    statement.execute();
    while (statement.fetch()) {
        names.push_back(name);
    }
    return names;
}

bool has_history(soci::session& session) {
    const std::vector<std::string> columns{"version", "name", "sha256", "applied_at"};
    return !select_texts(session, kSelectHistoryTable).empty() &&
           names_told_by(session, std::string(kHistoryColumns)) == columns;
}

std::string some_names(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kNamesShownMax; ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return names.size() > kNamesShownMax ? text + ", …" : text;
}

std::vector<AppliedMigration> select_applied(soci::session& session) {
    std::vector<AppliedMigration> applied;
    AppliedMigration row;
    soci::statement statement = (session.prepare << std::string(kSelectHistory),
                                 soci::into(row.version),
                                 soci::into(row.name),
                                 soci::into(row.sha256),
                                 soci::into(row.applied_at));
    statement.execute();
    while (statement.fetch()) {
        applied.push_back(row);
    }
    return applied;
}

// Compares what was applied with what this program has; both are numbered from 1 without gaps.
void judge(SchemaStatus& status) {
    const auto known = sqlite_migrations();
    const std::size_t shared = std::min(known.size(), status.applied.size());
    for (std::size_t i = 0; i < shared; ++i) {
        const AppliedMigration& row = status.applied[i];
        if (row.version != known[i].version || row.sha256 != known[i].sha256) {
            status.state = SchemaState::altered;
            status.detail = "migration " + std::to_string(row.version) + " (" + row.name +
                            ") is not this program's " + std::string(known[i].name);
            return;
        }
    }
    if (status.applied.size() > known.size()) {
        status.state = SchemaState::newer;
    } else if (status.applied.size() < known.size()) {
        status.state = SchemaState::older;
    } else {
        status.state = SchemaState::current;
    }
}

SchemaStatus read_status(soci::session& session) {
    SchemaStatus status;
    const auto tables = select_texts(session, kSelectTables);
    if (tables.empty()) {
        return status;
    }
    if (!has_history(session)) {
        status.state = SchemaState::foreign;
        status.detail = "it holds the tables of another program: " + some_names(tables);
        return status;
    }
    status.applied = select_applied(session);
    judge(status);
    return status;
}

void apply(soci::session& session, const Migration& migration, std::string_view applied_at) {
    run_script(session, std::string(migration.sql), migration.name);
    const std::string name(migration.name);
    const std::string sha256(migration.sha256);
    const std::string at(applied_at);
    session << std::string(kInsertHistory), soci::use(migration.version, "version"),
        soci::use(name, "name"), soci::use(sha256, "sha256"), soci::use(at, "applied_at");
}

// All that is missing in one transaction, so that a crash or a full disk leaves the old schema or
// the new one; the state is read under the write lock, since another process may be doing the same.
void apply_missing(soci::session& session, std::string_view applied_at) {
    WriteTransaction transaction(session, "migrate");
    const SchemaStatus status = read_status(session);
    switch (status.state) {
        case SchemaState::empty:
            run_script(session, std::string(kCreateHistory), "migrate");
            break;
        case SchemaState::older:
        case SchemaState::current:
            break;
        case SchemaState::newer:
        case SchemaState::altered:
        case SchemaState::foreign:
            throw Failure(ErrorKind::malformed,
                          "migrate: expected a database of this program, of this version or older");
    }
    for (const Migration& migration : sqlite_migrations().subspan(status.applied.size())) {
        apply(session, migration, applied_at);
    }
    transaction.commit();
}

}  // namespace

SchemaStatus schema_status(soci::session& session) {
    try {
        return read_status(session);
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "read the schema");
    }
}

void migrate_up(soci::session& session, std::string_view applied_at) {
    try {
        if (read_status(session).state != SchemaState::current) {
            apply_missing(session, applied_at);
        }
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "migrate");
    }
}

void make_schema(soci::session& fresh, std::size_t count) {
    run_script(fresh, std::string(kCreateHistory), "make the schema");
    for (const Migration& migration : sqlite_migrations().first(count)) {
        run_script(fresh, std::string(migration.sql), "make the schema");
    }
}

}  // namespace dcm::migrations
