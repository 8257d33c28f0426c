#include "store/audit_query.h"

#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using test::bytes_of;
using test::Fixture;
using Kind = QueryValue::Kind;

struct Answer {
    QueryEnd end = QueryEnd::complete;
    std::vector<std::string> columns;
    std::vector<std::vector<QueryValue>> rows;
};

Answer ask(const DatabaseUrl& url,
           const std::string& sql,
           const AuditQuery::Parameters& parameters = {},
           const QueryLimits& limits = {}) {
    AuditQuery query(url);
    query.prepare(sql, parameters, limits);
    Answer answer;
    answer.end =
        query.run([&answer](std::vector<QueryValue>&& row) { answer.rows.push_back(row); });
    answer.columns = query.columns();
    return answer;
}

// Why a statement is not run; empty when it is.
std::string refusal(const DatabaseUrl& url,
                    const std::string& sql,
                    const AuditQuery::Parameters& parameters = {}) {
    try {
        static_cast<void>(ask(url, sql, parameters));
    } catch (const Failure& failure) {
        CHECK(failure.kind() == ErrorKind::usage);
        return failure.what();
    }
    return "";
}

TEST_CASE("a query reads the views, each value with its kind", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2", .instance = "i-2"}});
    const Answer answer = ask(
        fixture.url,
        "SELECT e.seq, e.instance_id AS instance, e.reason, p.payload, 1 / 4.0, 9e999 "
        "FROM v_event AS e JOIN v_audit_payload AS p ON p.seq = e.seq ORDER BY e.seq;  -- end\n");
    CHECK(answer.end == QueryEnd::complete);
    CHECK(answer.columns[1] == "instance");
    REQUIRE(answer.rows.size() == 2);
    const auto& row = answer.rows[1];
    CHECK((row[0].kind == Kind::integer && row[0].text == "1"));
    CHECK((row[1].kind == Kind::text && row[1].text == "i-2"));
    CHECK(row[2].kind == Kind::null);
    CHECK((row[3].kind == Kind::blob && row[3].text == "{}"));
    CHECK((row[4].kind == Kind::real && row[4].text == "0.25"));
    CHECK((row[5].kind == Kind::real && row[5].text == "Inf"));
}

TEST_CASE("rows are counted, whatever the tables are called", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    for (const std::string sql :
         {"SELECT count(*) FROM V_AUDIT",
          "SELECT count(*) FROM main.v_event AS e",
          "WITH some AS (SELECT seq FROM v_audit) SELECT count(*) FROM some"}) {
        CAPTURE(sql);
        CHECK(ask(fixture.url, sql).rows.at(0).at(0).text == "2");
    }
}

TEST_CASE("parameters are bound as text and must be exactly those of the statement", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "it's"}});
    CHECK(
        ask(fixture.url, "SELECT seq FROM v_event WHERE id = :id", {{"id", "it's"}}).rows.size() ==
        1);
    CHECK(ask(fixture.url, "SELECT seq FROM v_audit WHERE seq = :n", {{"n", "1"}}).rows.size() ==
          1);
    CHECK(ask(fixture.url, "SELECT :a || :a", {{"a", "x"}}).rows[0][0].text == "xx");
    CHECK_THAT(refusal(fixture.url, "SELECT :a"), Catch::Contains("--param a=VALUE"));
    CHECK_THAT(refusal(fixture.url, "SELECT :instance", {{"instanec", "x"}, {"instance", "x"}}),
               Catch::Contains("did you mean instance?"));
    for (const std::string sql : {"SELECT ?", "SELECT ?1", "SELECT @a", "SELECT $a"}) {
        CHECK_THAT(refusal(fixture.url, sql, {{"a", "x"}}), Catch::Contains("written :name"));
    }
}

TEST_CASE("fault 86: what does more than read is refused with its reason", "[query]") {
    struct Case {
        std::string sql;
        std::string told;
    };
    Fixture fixture;
    fixture.append({{.id = "1"}});
    const std::string before = bytes_of(fixture.url.path);
    for (const Case& refused : {
             Case{"ATTACH 'other.db' AS o", "ATTACH"},
             {"DETACH main", "DETACH"},
             {"PRAGMA writable_schema = ON", "PRAGMA writable_schema"},
             {"PRAGMA table_info(audit_log)", "PRAGMA table_info"},
             {"SELECT name FROM pragma_table_info('audit_log')", "a table that SQLite makes up"},
             {"SELECT count(*) FROM pragma_table_info('audit_log')",
              "a table that SQLite makes up"},
             {"SELECT load_extension('x.so')", "function load_extension"},
             {"SELECT readfile('/etc/passwd')", "no such function: readfile"},
             {"SELECT writefile('x', 'y')", "no such function: writefile"},
             {"SELECT edit('x')", "no such function: edit"},
             {"SELECT fts3_tokenizer('x')", "function fts3_tokenizer"},
             {"SELECT randomblob(16)", "function randomblob"},
             {"SELECT sqlite_compileoption_get(1)", "function sqlite_compileoption_get"},
             {"INSERT INTO audit_log (seq) VALUES (9)", "a change of table audit_log"},
             {"UPDATE audit_log SET kind = 'x'", "a change of table audit_log"},
             {"DELETE FROM audit_payload", "a change of table audit_payload"},
             {"DELETE FROM audit_log RETURNING seq", "a change of table audit_log"},
             {"WITH x AS (SELECT 1) DELETE FROM audit_log", "a change of table audit_log"},
             {"CREATE TABLE x (a)", "a change of the schema"},
             {"CREATE TEMP TABLE x (a)", "a change of the schema"},
             {"CREATE TEMP VIEW x AS SELECT 1", "a change of the schema"},
             {"CREATE VIRTUAL TABLE x USING fts5(a)", "a change of the schema"},
             {"DROP TABLE audit_log", "a change of the schema"},
             {"ALTER TABLE audit_log RENAME TO x", "refused"},
             {"REINDEX", "refused"},
             {"ANALYZE", "refused"},
             {"VACUUM", "expected a SELECT"},
             {"VACUUM INTO 'copy.db'", "expected a SELECT"},
             {"BEGIN", "a transaction"},
             {"ROLLBACK", "a transaction"},
             {"SAVEPOINT x", "a transaction"},
             {"SELECT * FROM dbstat", "refused"},
             {"SELECT * FROM sqlite_dbpage", "sqlite_dbpage"},
             {"SELECT 1; SELECT 2", "more behind it"},
             {"SELECT 1;; SELECT 2", "more behind it"},
             {"SELECT 1; oops", "syntax error"},
             {" -- nothing\n", "nothing to run"},
             {"", "nothing to run"},
             {"SELEC 1", "syntax error"},
             {"SELECT nope FROM v_audit", "no such column: nope"},
             {std::string("SELECT 1\0", 9), "NUL"},
             {"SELECT json_extract('{', '$.a')", "malformed JSON"},
         }) {
        CAPTURE(refused.sql);
        CHECK_THAT(refusal(fixture.url, refused.sql), Catch::Contains(refused.told));
    }
    CHECK(bytes_of(fixture.url.path) == before);
    CHECK_FALSE(std::filesystem::exists("copy.db"));
}

TEST_CASE("fault 86: each limit cuts the answer and leaves what there is", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    const std::string count =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    const Answer rows = ask(fixture.url, count, {}, {.rows_max = 3});
    CHECK(rows.end == QueryEnd::rows);
    CHECK(rows.rows.size() == 3);
    CHECK(ask(fixture.url, count + " LIMIT 3", {}, {.rows_max = 3}).end == QueryEnd::complete);

    const QueryLimits short_time{.rows_max = 10, .deadline = Duration{50'000}};
    const Answer endless = ask(fixture.url, count + " WHERE i < 3", {}, short_time);
    CHECK(endless.end == QueryEnd::deadline);
    CHECK(endless.rows.size() == 2);
    CHECK(ask(fixture.url, "SELECT count(*) FROM (" + count + ")", {}, short_time).end ==
          QueryEnd::deadline);

    CHECK(ask(fixture.url, "SELECT zeroblob(1000000000)").end == QueryEnd::value_size);
    CHECK(
        ask(fixture.url, "SELECT hex(zeroblob(" + std::to_string(kQueryValueBytesMax) + "))").end ==
        QueryEnd::value_size);
    const Answer large = ask(fixture.url,
                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                             "SELECT zeroblob(8388608) FROM n");
    CHECK(large.end == QueryEnd::result_size);
    CHECK(large.rows.size() == 8);

    CHECK(refusal(fixture.url, "SELECT 1" + std::string(kQueryTextBytesMax - 8, ' ')).empty());
    CHECK_THAT(refusal(fixture.url, "SELECT 1" + std::string(kQueryTextBytesMax - 7, ' ')),
               Catch::Contains("100000 bytes of SQL"));
    CHECK_THAT(
        refusal(fixture.url, "SELECT " + std::string(300, '(') + "1" + std::string(300, ')')),
        Catch::Contains("query: "));
    for (const QueryEnd end : {QueryEnd::rows, QueryEnd::deadline, QueryEnd::memory}) {
        CHECK_THAT(told_end(end, {}), Catch::StartsWith("expected no more than "));
    }
}

TEST_CASE("a query is cut when it is asked to stop", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    std::atomic<bool> stop{false};
    const QueryLimits limits{.rows_max = 1'000'000, .stop = &stop};
    AuditQuery query(fixture.url);
    query.prepare("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
                  {},
                  limits);
    std::size_t rows = 0;
    CHECK(query.run([&](auto&&) { stop = ++rows >= 3; }) == QueryEnd::stopped);
    CHECK(rows >= 3);
}

TEST_CASE("fault 87: a schema that is not ours is not asked", "[query]") {
    for (const std::string change :
         {"DROP VIEW v_audit; CREATE VIEW v_audit AS SELECT 1 AS seq",
          "DROP VIEW v_instance",
          "CREATE VIEW mine AS SELECT load_extension('x')",
          "CREATE TRIGGER mine AFTER INSERT ON audit_log BEGIN SELECT 1; END",
          "CREATE VIRTUAL TABLE mine USING fts5(a)",
          "CREATE INDEX mine ON audit_log (upper(kind))",
          "CREATE INDEX mine ON audit_log (kind) WHERE outcome = 'x'",
          "CREATE INDEX mine ON audit_log (kind) wHere outcome = 'x'",
          "CREATE INDEX mine ON audit_log (kind)",
          "ALTER TABLE audit_payload ADD COLUMN more TEXT"}) {
        CAPTURE(change);
        Fixture fixture;
        fixture.append({{.id = "1"}});
        REQUIRE(test::run_sql(fixture.url, change).empty());
        try {
            static_cast<void>(ask(fixture.url, "SELECT seq FROM v_audit"));
            FAIL("it was asked");
        } catch (const Failure& failure) {
            CHECK(failure.kind() == ErrorKind::malformed);
            CHECK_THAT(failure.what(), Catch::Contains("expected the schema of dcm-billing"));
        }
    }
}

TEST_CASE("fault 87: a view in place of the migrations' table is another program's", "[query]") {
    // Looked at, it would never end.
    Fixture fixture;
    fixture.append({{.id = "1"}});
    REQUIRE(test::run_sql(fixture.url,
                          "DROP TABLE schema_migration; "
                          "CREATE VIEW schema_migration (version, name, sha256, applied_at) AS "
                          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                          "SELECT i, 'x', 'x', 'x' FROM n")
                .empty());
    CHECK_THROWS_AS(AuditQuery(fixture.url), Failure);
    CHECK_THROWS_AS(Database::open_for_audit(fixture.url), Failure);
}

TEST_CASE("a table or plain index beside ours is told, and not read", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    REQUIRE(test::run_sql(fixture.url,
                          "CREATE TABLE notes (a, b AS (upper(a))); "
                          "CREATE TABLE json_each (value); "
                          "CREATE INDEX by_a ON notes (a)")
                .empty());
    AuditQuery query(fixture.url);
    CHECK(query.strange_objects() == std::vector<std::string>{"index by_a: not ours",
                                                              "table json_each: not ours",
                                                              "table notes: not ours"});
    CHECK(ask(fixture.url, "SELECT kind FROM v_audit WHERE kind = 'event.received'").rows.size() ==
          1);
    CHECK_THAT(refusal(fixture.url, "SELECT b FROM notes"), Catch::Contains("table notes"));
    CHECK_THAT(refusal(fixture.url, "SELECT value FROM json_each"),
               Catch::Contains("table json_each"));
}

TEST_CASE("a query sees one state of the log while a writer goes on", "[query]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}, {.id = "3"}});
    AuditQuery query(fixture.url);
    query.prepare("SELECT a.seq FROM v_audit AS a, v_audit AS b", {}, {});
    int rows = 0;
    CHECK(query.run([&](auto&&) { fixture.append({{.id = "more-" + std::to_string(++rows)}}); }) ==
          QueryEnd::complete);
    CHECK(rows == 9);
}

}  // namespace
}  // namespace dcm::store
