// The database itself refuses to change the log, whoever asks.
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store::test {
namespace {

TEST_CASE("fault 11: the log refuses every statement that would change a record", "[store]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    const std::string columns = "(seq, recorded_at, kind, actor, subject, outcome)";
    const std::string statement = GENERATE_COPY(
        std::string("UPDATE audit_log SET outcome = 'rejected' WHERE seq = 1"),
        std::string("UPDATE OR REPLACE audit_log SET seq = 0 WHERE seq = 1"),
        std::string("UPDATE audit_log SET rowid = 7 WHERE seq = 1"),
        std::string("DELETE FROM audit_log WHERE seq = 1"),
        std::string("DELETE FROM audit_log"),
        "INSERT OR REPLACE INTO audit_log " + columns + " VALUES (1, 0, 'k', 'a', 's', 'o')",
        "REPLACE INTO audit_log " + columns + " VALUES (0, 0, 'k', 'a', 's', 'o')",
        "INSERT INTO audit_log " + columns +
            " VALUES (1, 0, 'k', 'a', 's', 'o') ON CONFLICT (seq) DO UPDATE SET outcome = 'x'",
        "INSERT INTO audit_log " + columns + " VALUES (3, 0, 'k', 'a', 's', 'o')",
        "INSERT INTO audit_log " + columns + " VALUES (-1, 0, 'k', 'a', 's', 'o')",
        "INSERT INTO audit_log " + columns + " VALUES (NULL, 0, 'k', 'a', 's', 'o')");
    const auto before = query_rows(fixture.url, "SELECT * FROM audit_log ORDER BY seq");
    INFO(statement);
    CHECK_THAT(run_sql(fixture.url, statement), Catch::Contains("append-only"));
    CHECK(query_rows(fixture.url, "SELECT * FROM audit_log ORDER BY seq") == before);
}

TEST_CASE("fault 15: a column takes only its own type", "[store]") {
    const Fixture fixture;
    CHECK_FALSE(run_sql(fixture.url,
                        "INSERT INTO audit_log (seq, recorded_at, kind, actor, subject, outcome) "
                        "VALUES (0, 'now', 'k', 'a', 's', 'o')")
                    .empty());
}

}  // namespace
}  // namespace dcm::store::test
