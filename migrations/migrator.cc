#include "migrations/migrator.h"

#include "migrations/session.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
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
constexpr std::string_view kIndexes = "PRAGMA index_list";
constexpr std::string_view kSelectHistory =
    "SELECT version, name, sha256, applied_at FROM schema_migration ORDER BY version";
constexpr std::string_view kInsertHistory =
    "INSERT INTO schema_migration (version, name, sha256, applied_at) "
    "VALUES (:version, :name, :sha256, :applied_at)";
// Compared as text: SQLite keeps definitions as they were written.
// What may be left out is known by its text, not by its name: the tables that SQLite makes for
// itself.
constexpr std::string_view kSelectDefinitions =
    "SELECT CAST(coalesce(type, '') AS TEXT), CAST(coalesce(name, '') AS TEXT), coalesce(sql, '') "
    "FROM sqlite_schema WHERE coalesce(sql, '') NOT IN ("
    "'CREATE TABLE sqlite_sequence(name,seq)', 'CREATE TABLE sqlite_stat1(tbl,idx,stat)', "
    "'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)')";
// Of what is made with SQL, as SQLite writes it down.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMadeWithSql{
    {{"table", "CREATE TABLE "},
     {"table", "CREATE VIRTUAL TABLE "},
     {"view", "CREATE VIEW "},
     {"index", "CREATE INDEX "},
     {"index", "CREATE UNIQUE INDEX "}}};
constexpr const char* kNameOfSqlite = "sqlite_";  // in any case of letters

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

using ObjectKey = std::pair<std::string, std::string>;  // type and name
using Definitions = std::map<ObjectKey, std::string>;

SchemaDifference::Kind kind_of_addition(const ObjectKey& key, const std::string& sql) {
    const bool is_made_with_sql =
        std::any_of(kMadeWithSql.begin(), kMadeWithSql.end(), [&](const auto& made) {
            return key.first == made.first && sql.starts_with(made.second);
        });
    const std::string start = key.second.substr(0, std::char_traits<char>::length(kNameOfSqlite));
    const bool is_reserved = sqlite_api::sqlite3_stricmp(start.c_str(), kNameOfSqlite) == 0;
    return is_made_with_sql && !is_reserved ? SchemaDifference::Kind::added
                                            : SchemaDifference::Kind::planted;
}

// Tables are our own, so nothing in a name need be quoted.
std::vector<std::string> indexes_of(soci::session& session, const std::string& table) {
    return names_told_by(session, std::string(kIndexes) + "('" + table + "')");
}

Definitions select_definitions(soci::session& session) {
    Definitions definitions;
    std::string type;
    std::string name;
    std::string sql;
    soci::statement statement = (session.prepare << std::string(kSelectDefinitions),
                                 soci::into(type),
                                 soci::into(name),
                                 soci::into(sql));
    statement.execute();
    while (statement.fetch()) {
        // Only an edit of the schema itself makes two of one name; SQLite reads both.
        const auto [known, is_new] = definitions.emplace(ObjectKey(type, name), sql);
        known->second += is_new ? "" : "\n" + sql;
    }
    return definitions;
}

// As the first `count` migrations make it.
void make_schema(soci::session& fresh, std::size_t count) {
    run_script(fresh, std::string(kCreateHistory), "make the schema");
    for (const Migration& migration : sqlite_migrations().first(count)) {
        run_script(fresh, std::string(migration.sql), "make the schema");
    }
}

Definitions expected_definitions(std::size_t count) {
    soci::session fresh(soci::sqlite3, ":memory:");
    make_schema(fresh, count);
    return select_definitions(fresh);
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

std::vector<std::string> own_tables() {
    try {
        soci::session fresh(soci::sqlite3, ":memory:");
        make_schema(fresh, sqlite_migrations().size());
        return select_texts(fresh, kSelectTables);
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "list the tables");
    }
}

std::string SchemaDifference::text() const {
    switch (kind) {
        case Kind::missing:
            return object + ": missing";
        case Kind::altered:
            return object + ": defined otherwise";
        case Kind::added:
            return object + ": not ours";
        case Kind::planted:
            return object + ": not ours, and not made as one makes it";
    }
    return object;
}

std::vector<SchemaDifference> schema_differences(soci::session& session) {
    try {
        const Definitions found = select_definitions(session);
        const Definitions expected = expected_definitions(select_applied(session).size());
        std::vector<SchemaDifference> differences;
        const auto differ = [&differences](const ObjectKey& key, SchemaDifference::Kind kind) {
            differences.push_back({key.first + " " + key.second, kind});
        };
        for (const auto& [key, sql] : expected) {
            const auto match = found.find(key);
            if (match == found.end()) {
                differ(key, SchemaDifference::Kind::missing);
            } else if (match->second != sql) {
                differ(key, SchemaDifference::Kind::altered);
            }
        }
        for (const auto& [key, sql] : found) {
            // An index without a definition is part of its table's.
            if (!expected.contains(key) && !sql.empty()) {
                differ(key, kind_of_addition(key, sql));
            }
        }
        return differences;
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "compare the schema");
    }
}

std::vector<std::string> strange_indexes(soci::session& session) {
    try {
        soci::session fresh(soci::sqlite3, ":memory:");
        make_schema(fresh, select_applied(session).size());
        std::vector<std::string> strange;
        for (const std::string& table : select_texts(fresh, kSelectTables)) {
            const auto ours = indexes_of(fresh, table);
            const auto found = indexes_of(session, table);
            std::copy_if(found.begin(),
                         found.end(),
                         std::back_inserter(strange),
                         [&ours](const auto& index) {
                             return std::find(ours.begin(), ours.end(), index) == ours.end();
                         });
        }
        return strange;
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "compare the indexes");
    }
}

}  // namespace dcm::migrations
