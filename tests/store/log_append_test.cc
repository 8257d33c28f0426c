#include "store/log_append.h"

#include "audit/hash.h"
#include "audit/tree.h"
#include "base/encoding.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>

namespace dcm::store {
namespace {

using test::Fixture;
using test::query_rows;
using test::query_text;

audit::Record done_record(const std::string& kind, const std::string& subject) {
    audit::Record record;
    record.kind = kind;
    record.subject = subject;
    record.outcome = "done";
    return record;
}

// As another process does it: through a connection of its own.
void append_beside(Fixture& fixture, int records) {
    Database database = Database::open_for_writing(fixture.url);
    LogAppend append(database, fixture.key, fixture.clock, {"user:anna", "append"});
    for (int i = 0; i < records; ++i) {
        audit::Record record = done_record("config.changed", "n/" + std::to_string(i));
        append.record(record);
        CHECK(record.seq + 1 == append.log_size());
    }
    append.commit();
}

// Head and tiles are those of the records, as the writer of the next batch demands too.
void require_head_and_tiles(const DatabaseUrl& url) {
    audit::Frontier tree;
    for (const std::string& leaf :
         query_rows(url, "SELECT leaf_hex FROM audit_leaf ORDER BY seq")) {
        tree.append(audit::leaf_hash(*hex_decode(leaf)));
    }
    CHECK(query_text(url, "SELECT size FROM audit_head") == std::to_string(tree.size()));
    CHECK(query_text(url, "SELECT lower(hex(frontier)) FROM audit_head") ==
          hex_encode(as_bytes(tree.hashes())));
    CHECK(query_text(url, "SELECT count(*) FROM audit_tile") ==
          std::to_string(audit::full_tile_count(tree.size())));
}

TEST_CASE("the ingesting process goes on behind what another one appended", "[log_append]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    append_beside(fixture, 3);
    CHECK(fixture.append({{.id = "1"}, {.id = "3"}}) == IngestCounts{2, 1, 1, 0, 0});
    append_beside(fixture, 1);
    fixture.append({{.id = "4"}});
    CHECK(
        query_rows(fixture.url, "SELECT seq, kind, actor, outcome FROM audit_log WHERE seq > 1") ==
        std::vector<std::string>{"2|config.changed|user:anna|done",
                                 "3|config.changed|user:anna|done",
                                 "4|config.changed|user:anna|done",
                                 "5|event.received|svc:test/1|duplicate",
                                 "6|event.received|svc:test/1|accepted",
                                 "7|config.changed|user:anna|done",
                                 "8|event.received|svc:test/1|accepted"});
    fixture.store.project(100);
    CHECK(fixture.store.projection_lag() == 0);
    require_head_and_tiles(fixture.url);
}

TEST_CASE("records that fill a tile are appended like any other", "[log_append]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    append_beside(fixture, 254);
    append_beside(fixture, 1);
    require_head_and_tiles(fixture.url);
    append_beside(fixture, 257);
    fixture.append({{.id = "2"}});
    require_head_and_tiles(fixture.url);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM audit_tile") == "2");
}

TEST_CASE("what is not committed leaves nothing behind", "[log_append]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    {
        Database database = Database::open_for_writing(fixture.url);
        LogAppend append(database, fixture.key, fixture.clock, {"user:anna", "append"});
        audit::Record record = done_record("config.changed", "x");
        append.record(record);
        append.session() << "DELETE FROM audit_payload";
    }
    CHECK(fixture.store.log_size() == 1);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM audit_payload") == "1");
    fixture.append({{.id = "2"}});
    require_head_and_tiles(fixture.url);
}

TEST_CASE("times never decrease, whatever the second process's clock says", "[log_append]") {
    Fixture fixture;
    fixture.append({{.id = "1"}});
    const std::string before = query_text(fixture.url, "SELECT max(recorded_at) FROM audit_log");
    fixture.clock.set(Instant{5});
    append_beside(fixture, 1);
    CHECK(query_text(fixture.url, "SELECT recorded_at FROM audit_log WHERE seq = 1") == before);
}

TEST_CASE("a log whose head does not fit its rows is not appended to", "[log_append]") {
    Fixture fixture;
    fixture.append({{.id = "1"}, {.id = "2"}});
    REQUIRE(test::run_sql(fixture.url, "UPDATE audit_head SET size = 4").empty());
    Database database = Database::open_for_writing(fixture.url);
    CHECK_THROWS_AS(LogAppend(database, fixture.key, fixture.clock, {"user:anna", "append"}),
                    Failure);
    CHECK(query_text(fixture.url, "SELECT count(*) FROM audit_log") == "2");
}

}  // namespace
}  // namespace dcm::store
