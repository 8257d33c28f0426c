#include "migrations/migrator.h"

#include "migrations/schema_comparison.h"
#include "migrations/session.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>

namespace {

using dcm::Failure;
using dcm::migrations::migrate_up;
using dcm::migrations::run_script;
using dcm::migrations::schema_differences;
using dcm::migrations::schema_status;
using dcm::migrations::SchemaState;
using dcm::migrations::sqlite_migrations;
using dcm::migrations::WriteTransaction;

constexpr std::string_view kAt = "2026-05-01T10:00:00Z";

soci::session memory() {
    return {soci::sqlite3, ":memory:"};
}

int count(soci::session& session, const std::string& sql) {
    int number = -1;
    session << sql, soci::into(number);
    return number;
}

}  // namespace

TEST_CASE("migrations are numbered from 1 without gaps and carry their checksum", "[migrations]") {
    int expected = 1;
    for (const auto& migration : sqlite_migrations()) {
        CHECK(migration.version == expected);
        CHECK(migration.sha256.size() == 64);
        CHECK(migration.sql.substr(0, 2) == "--");  // its reason on top
        ++expected;
    }
    CHECK(expected > 1);
}

TEST_CASE("an empty database becomes current, and stays so", "[migrations]") {
    soci::session session = memory();
    CHECK(schema_status(session).state == SchemaState::empty);
    migrate_up(session, kAt);
    const auto status = schema_status(session);
    CHECK(status.state == SchemaState::current);
    REQUIRE(status.applied.size() == sqlite_migrations().size());
    CHECK(status.applied.front().name == sqlite_migrations().front().name);
    CHECK(status.applied.front().applied_at == kAt);
    migrate_up(session, "2027-01-01T00:00:00Z");
    CHECK(schema_status(session).applied.back().applied_at == kAt);
}

TEST_CASE("every version becomes the latest and keeps what it held", "[migrations]") {
    const auto all = sqlite_migrations();
    for (std::size_t version = 1; version < all.size(); ++version) {
        // A database as that version left it: the first files only.
        soci::session older = memory();
        run_script(
            older,
            "CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, "
            "sha256 TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT",
            "test");
        for (const auto& migration : all.first(version)) {
            run_script(older, std::string(migration.sql), "test");
            const std::string name(migration.name);
            const std::string sha256(migration.sha256);
            older << "INSERT INTO schema_migration VALUES (:v, :n, :s, 'then')",
                soci::use(migration.version, "v"), soci::use(name, "n"), soci::use(sha256, "s");
        }
        run_script(older,
                   "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, outcome) "
                   "VALUES (0, 1, 'k', 'a', 's', 'done')",
                   "test");
        CHECK(schema_status(older).state == SchemaState::older);
        migrate_up(older, kAt);
        CHECK(schema_status(older).state == SchemaState::current);
        CHECK(count(older, "SELECT count(*) FROM audit_log") == 1);
        CHECK(schema_differences(older).empty());
    }
}

TEST_CASE("a stream that lost its end before version 21 is cut where its record says",
          "[migrations]") {
    soci::session session = memory();
    for (const auto& migration : sqlite_migrations()) {
        if (migration.version < 21) {
            run_script(session, std::string(migration.sql), "test");
        }
    }
    run_script(
        session,
        "INSERT INTO broker_stream (stream, created_ns, rewound_from) "
        "VALUES ('cut', 7, 20), ('cut', 8, 0), ('silent', 7, 20);"
        "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, outcome, reason, body)"
        " VALUES (0, 1, 'source.gap', 'a', 'stream/cut', 'done', 'deleted', '{}'),"
        " (1, 1, 'source.reset', 'a', 'stream/cut', 'done', 'rewound',"
        " '{\"created\":7,\"last\":10,\"stream\":\"cut\"}');",
        "test");
    for (const auto& migration : sqlite_migrations()) {
        if (migration.version >= 21) {
            run_script(session, std::string(migration.sql), "test");
        }
    }
    const std::string cut = "SELECT count(*) FROM broker_stream WHERE rewound_at = ";
    CHECK(count(session, cut + "2 AND same_to = 10 AND stream = 'cut' AND created_ns = 7") == 1);
    CHECK(count(session, cut + "0 AND same_to = 0") == 2);
}

TEST_CASE("a checksum that is not this program's is altered", "[migrations]") {
    soci::session session = memory();
    migrate_up(session, kAt);
    run_script(session, "UPDATE schema_migration SET sha256 = 'x' WHERE version = 2", "test");
    const auto status = schema_status(session);
    CHECK(status.state == SchemaState::altered);
    CHECK(status.detail.find("migration 2") != std::string::npos);
}

TEST_CASE("a version this program does not have is newer", "[migrations]") {
    soci::session session = memory();
    migrate_up(session, kAt);
    run_script(session, "INSERT INTO schema_migration VALUES (999, 'x', 'y', 'z')", "test");
    CHECK(schema_status(session).state == SchemaState::newer);
    CHECK_THROWS_AS(migrate_up(session, kAt), Failure);
}

TEST_CASE("another program's tables are foreign, and nothing is added to them", "[migrations]") {
    const auto* const tables =
        GENERATE("CREATE TABLE song (title TEXT)", "CREATE TABLE schema_migration (version TEXT)");
    soci::session session = memory();
    run_script(session, tables, "test");
    CHECK(schema_status(session).state == SchemaState::foreign);
    CHECK_THROWS_AS(migrate_up(session, kAt), Failure);
    CHECK(count(session, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'") == 1);
}

TEST_CASE("a transaction that is not committed leaves nothing, even after an error",
          "[migrations]") {
    soci::session session = memory();
    run_script(session, "CREATE TABLE t (x INTEGER PRIMARY KEY)", "test");
    {
        const WriteTransaction transaction(session, "test");
        run_script(session, "INSERT INTO t VALUES (1)", "test");
        CHECK_THROWS_AS(run_script(session, "INSERT INTO t VALUES (1)", "test"), Failure);
    }
    CHECK(count(session, "SELECT count(*) FROM t") == 0);
    WriteTransaction transaction(session, "test");
    run_script(session, "INSERT INTO t VALUES (1)", "test");
    transaction.commit();
    CHECK(count(session, "SELECT count(*) FROM t") == 1);
}
