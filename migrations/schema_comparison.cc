#include "migrations/schema_comparison.h"

#include "migrations/migrator.h"
#include "migrations/session.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace dcm::migrations {
namespace {

constexpr std::string_view kIndexes = "PRAGMA index_list";
constexpr std::string_view kIndexColumns = "PRAGMA index_xinfo";
constexpr int kIsExpression = -2;  // the column that it says an expression to be
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

std::string quoted(const std::string& name) {
    std::string text = "'";
    for (const char letter : name) {
        text += letter == '\'' ? "''" : std::string(1, letter);
    }
    return text + '\'';
}

bool has_expression(soci::session& session, const std::string& index) {
    int place = 0;
    int column = kIsExpression;
    soci::statement statement =
        (session.prepare << std::string(kIndexColumns) + '(' + quoted(index) + ')',
         soci::into(place),
         soci::into(column));
    statement.execute();
    bool is_found = false;
    while (statement.fetch()) {
        is_found = true;
        if (column == kIsExpression) {
            return true;
        }
    }
    return !is_found;
}

struct TableIndex {
    std::string name;  // by which SQLite knows it
    bool is_partial = false;
};

// Tables are our own, so nothing in a name need be quoted.
std::vector<TableIndex> indexes_of(soci::session& session, const std::string& table) {
    std::vector<TableIndex> indexes;
    int place = 0;
    std::string name;
    int is_unique = 0;
    std::string origin;
    int is_partial = 0;
    soci::statement statement = (session.prepare << std::string(kIndexes) + "('" + table + "')",
                                 soci::into(place),
                                 soci::into(name),
                                 soci::into(is_unique),
                                 soci::into(origin),
                                 soci::into(is_partial));
    statement.execute();
    while (statement.fetch()) {
        indexes.push_back({name, is_partial != 0});
    }
    return indexes;
}

// Those that are of some rows only or by an expression. Of two of one name, which only an edit of
// the schema itself makes, no more than one is looked into, so they are among them.
std::set<std::string> computing_indexes(soci::session& session, const std::string& table) {
    std::set<std::string> seen;
    std::set<std::string> computing;
    for (const TableIndex& index : indexes_of(session, table)) {
        const bool is_new = seen.insert(index.name).second;
        if (!is_new || index.is_partial || has_expression(session, index.name)) {
            computing.insert(index.name);
        }
    }
    return computing;
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

Definitions expected_definitions(std::size_t count) {
    soci::session fresh(soci::sqlite3, ":memory:");
    make_schema(fresh, count);
    return select_definitions(fresh);
}

// What is there, and what there should be.
struct ComparedSchema {
    explicit ComparedSchema(soci::session& session)
        : found(select_definitions(session)),
          expected(expected_definitions(schema_status(session).applied.size())) {}

    [[nodiscard]] bool is_ours(const ObjectKey& key) const {
        const auto match = found.find(key);
        const auto own = expected.find(key);
        return match != found.end() && own != expected.end() && match->second == own->second;
    }
    [[nodiscard]] std::vector<std::string> own_tables() const {
        std::vector<std::string> tables;
        for (const auto& [key, sql] : expected) {
            if (key.first == "table") {
                tables.push_back(key.second);
            }
        }
        return tables;
    }

    Definitions found;
    Definitions expected;
};

std::set<std::string> all_computing_indexes(soci::session& session,
                                            const std::vector<std::string>& tables) {
    std::set<std::string> all;
    for (const std::string& table : tables) {
        all.merge(computing_indexes(session, table));
    }
    return all;
}

struct BothIndexes {
    const std::vector<TableIndex>& ours;
    const std::vector<TableIndex>& found;
};

void add_strange(const BothIndexes& indexes, std::vector<std::string>& strange) {
    for (const TableIndex& found : indexes.found) {
        const bool is_ours =
            std::any_of(indexes.ours.begin(), indexes.ours.end(), [&found](const TableIndex& own) {
                return own.name == found.name;
            });
        if (!is_ours) {
            strange.push_back(found.name);
        }
    }
}

}  // namespace

std::string SchemaDifference::text() const {
    switch (kind) {
        case Kind::missing:
            return object + ": missing";
        case Kind::altered:
            return object + ": defined otherwise";
        case Kind::added:
            return object + ": not ours";
        case Kind::computing:
            return object + ": not ours, and computed for rows of ours";
        case Kind::planted:
            return object + ": not ours, and not made as one makes it";
    }
    return object;
}

std::vector<SchemaDifference> schema_differences(soci::session& session) {
    try {
        const ComparedSchema schema(session);
        const auto& [found, expected] = schema;
        const auto computing = all_computing_indexes(session, schema.own_tables());
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
                const bool computes = key.first == "index" && computing.contains(key.second);
                const auto kind = kind_of_addition(key, sql);
                differ(key,
                       computes && kind == SchemaDifference::Kind::added
                           ? SchemaDifference::Kind::computing
                           : kind);
            }
        }
        return differences;
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "compare the schema");
    }
}

std::vector<std::string> checkable_tables(soci::session& session) {
    try {
        const ComparedSchema schema(session);
        std::vector<std::string> tables;
        for (const std::string& table : schema.own_tables()) {
            const auto computing = computing_indexes(session, table);
            const bool computes_ours =
                std::all_of(computing.begin(), computing.end(), [&schema](const auto& index) {
                    return schema.is_ours({"index", index});
                });
            if (computes_ours && schema.is_ours({"table", table})) {
                tables.push_back(table);
            }
        }
        return tables;
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "list the tables");
    }
}

std::vector<std::string> strange_indexes(soci::session& session) {
    try {
        soci::session fresh(soci::sqlite3, ":memory:");
        make_schema(fresh, schema_status(session).applied.size());
        std::vector<std::string> strange;
        for (const std::string& table : ComparedSchema(session).own_tables()) {
            add_strange({indexes_of(fresh, table), indexes_of(session, table)}, strange);
        }
        return strange;
    } catch (const soci::soci_error& error) {
        throw to_failure(error, "compare the indexes");
    }
}

}  // namespace dcm::migrations
