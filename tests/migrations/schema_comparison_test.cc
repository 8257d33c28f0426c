#include "migrations/schema_comparison.h"

#include "migrations/migrator.h"
#include "migrations/session.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dcm::migrations {
namespace {

// In memory, with all that is ours.
struct Made {
    Made() { migrate_up(session, "2026-05-01T10:00:00Z"); }

    soci::session session{soci::sqlite3, ":memory:"};
};

std::vector<std::string> told_of(soci::session& session) {
    std::vector<std::string> told;
    for (const auto& difference : schema_differences(session)) {
        told.push_back(difference.text());
    }
    return told;
}

bool is_checkable(soci::session& session, const std::string& table) {
    const auto tables = checkable_tables(session);
    return std::find(tables.begin(), tables.end(), table) != tables.end();
}

TEST_CASE("a changed schema is told object by object", "[migrations]") {
    Made made;
    soci::session& session = made.session;
    CHECK(schema_differences(session).empty());
    run_script(session,
               "DROP TRIGGER audit_log_no_update; DROP VIEW audit_leaf;"
               "CREATE VIEW audit_leaf AS SELECT 1 AS seq, '' AS leaf_hex; CREATE TABLE extra (x)",
               "test");
    CHECK(told_of(session) == std::vector<std::string>{"trigger audit_log_no_update: missing",
                                                       "view audit_leaf: defined otherwise",
                                                       "table extra: not ours"});
}

TEST_CASE("a table is checked only where nothing is computed that is not ours", "[migrations]") {
    Made made;
    soci::session& session = made.session;
    run_script(session,
               "CREATE INDEX plain ON audit_log (kind); CREATE TABLE extra (x);"
               "CREATE INDEX of_another ON extra (x) WHERE x > 1",
               "test");
    CHECK(is_checkable(session, "audit_log"));
    CHECK_FALSE(is_checkable(session, "extra"));
    run_script(session,
               "CREATE INDEX \"it's\" ON audit_log (seq, length(kind));"
               "CREATE INDEX some ON audit_tile (level) WHERE level > 1;"
               "DROP TABLE audit_seal; CREATE TABLE audit_seal (x CHECK (x > 1))",
               "test");
    CHECK_FALSE(is_checkable(session, "audit_log"));
    CHECK_FALSE(is_checkable(session, "audit_tile"));
    CHECK_FALSE(is_checkable(session, "audit_seal"));
    CHECK(is_checkable(session, "audit_payload"));
    const std::string computed = ": not ours, and computed for rows of ours";
    CHECK(told_of(session) == std::vector<std::string>{"table audit_seal: defined otherwise",
                                                       "index it's" + computed,
                                                       "index of_another: not ours",
                                                       "index plain: not ours",
                                                       "index some" + computed,
                                                       "table extra: not ours"});
}

TEST_CASE("an index of ours that is defined otherwise is computed by no check", "[migrations]") {
    Made made;
    soci::session& session = made.session;
    run_script(session,
               "DROP INDEX audit_log_rejected;"
               "CREATE INDEX audit_log_rejected ON audit_log (seq) WHERE kind = 'nothing'",
               "test");
    CHECK_FALSE(is_checkable(session, "audit_log"));
    CHECK(told_of(session) ==
          std::vector<std::string>{"index audit_log_rejected: defined otherwise"});
}

}  // namespace
}  // namespace dcm::migrations
