// What is handed over does not depend on how many workers read, and all of them see one state.
#include "store/examined_log.h"

#include "store/checkpoint_rows.h"
#include "tests/store/store_fixture.h"
#include "tests/support/refused_call.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <cerrno>
#include <thread>

namespace dcm::store {
namespace {

using test::Fixture;
using test::run_sql;

// Several pieces, the last one not full.
constexpr std::int64_t kRecords = 9'001;

// Everything that was handed over, in its order.
std::vector<std::string> examined(const DatabaseUrl& url,
                                  std::size_t workers,
                                  std::int64_t from = 0) {
    const SharedSnapshot snapshot(url, workers);
    std::vector<std::string> seen;
    examine_log(snapshot,
                from,
                {[&seen](audit::ExaminedRow&& row) {
                     seen.push_back(std::to_string(row.seq) + ' ' + audit::to_hex(row.leaf) +
                                    (row.lacks_payload ? " without payload" : "") +
                                    (row.findings.empty() ? "" : ' ' + row.findings[0].text));
                 },
                 [&seen](std::int64_t seq) { seen.push_back("orphan " + std::to_string(seq)); }});
    return seen;
}

void fill(Fixture& fixture) {
    std::vector<test::EventSpec> events;
    for (std::int64_t i = 0; i < kRecords; ++i) {
        events.push_back({.id = std::to_string(i), .payload = "payload " + std::to_string(i)});
    }
    fixture.append(events);
}

void drop_triggers(const DatabaseUrl& url) {
    for (const std::string& name :
         test::query_rows(url, "SELECT name FROM sqlite_schema WHERE type = 'trigger'")) {
        REQUIRE(run_sql(url, "DROP TRIGGER " + name).empty());
    }
}

TEST_CASE("rows come in their order, whatever the number of workers", "[examined]") {
    Fixture fixture;
    fill(fixture);
    const std::vector<std::string> alone = examined(fixture.url, 1);
    REQUIRE(alone.size() == static_cast<std::size_t>(kRecords));
    CHECK(alone[4'096].starts_with("4096 "));
    for (const std::size_t workers : {2U, 3U, 8U}) {
        CHECK(examined(fixture.url, workers) == alone);
    }
    const std::vector<std::string> rest = examined(fixture.url, 2, 5'000);
    CHECK(rest == std::vector<std::string>(alone.begin() + 5'000, alone.end()));
    CHECK(examined(fixture.url, 2, kRecords).empty());
}

TEST_CASE("whatever was done to the tables, all workers together tell what one tells",
          "[examined]") {
    const auto [change, told] = GENERATE(table<const char*, const char*>({
        {"DELETE FROM audit_log WHERE seq = 5000", "orphan 5000"},
        {"DELETE FROM audit_log WHERE seq >= 4096 AND seq < 8192", "orphan 8191"},
        {"DELETE FROM audit_payload WHERE seq = 4095", ""},
        {"UPDATE audit_payload SET payload = x'00' WHERE seq = 4096",
         "record 4096: its payload differs"},
        {"INSERT INTO audit_payload VALUES (9500, x'00', x'', NULL, NULL)", "orphan 9500"},
        {"INSERT INTO audit_payload VALUES (-3, zeroblob(32), x'', NULL, NULL)", "orphan -3"},
        {"UPDATE audit_log SET seq = -7 WHERE seq = 7", "-7 "},
        {"UPDATE audit_log SET seq = 9223372036854775806 WHERE seq = 9000", "9223372036854775806 "},
        {"UPDATE audit_log SET seq = 9223372036854775807 WHERE seq = 9000", "9223372036854775807 "},
        {"INSERT INTO audit_payload VALUES (9223372036854775807, x'00', x'', NULL, NULL)",
         "orphan 9223372036854775807"},
        {"UPDATE audit_head SET size = 9223372036854775807", ""},
        {"UPDATE audit_head SET size = -1", ""},
        {"UPDATE audit_head SET size = 4096", ""},
    }));
    CAPTURE(change);
    Fixture fixture;
    fill(fixture);
    drop_triggers(fixture.url);
    REQUIRE(run_sql(fixture.url, change).empty());
    const std::vector<std::string> alone = examined(fixture.url, 1);
    CHECK(alone.size() > static_cast<std::size_t>(kRecords) / 2);
    const std::string found = told;
    CHECK(std::any_of(alone.begin(), alone.end(), [&found](const std::string& row) {
        return row.find(found) != std::string::npos;
    }));
    CHECK(examined(fixture.url, 2) == alone);
    CHECK(examined(fixture.url, 5) == alone);
}

TEST_CASE("fault 45: without threads to be had the calling one examines", "[examined]") {
    Fixture fixture;
    fill(fixture);
    const std::vector<std::string> alone = examined(fixture.url, 1);
    const support::RefusedCall no_thread(support::SystemCall::create_thread, EAGAIN);
    CHECK(examined(fixture.url, 3) == alone);
    CHECK(no_thread.count() > 0);
}

TEST_CASE("all connections of a snapshot see one state while a writer goes on", "[examined]") {
    Fixture fixture;
    fixture.append({{.id = "first"}});
    std::atomic<bool> is_done = false;
    std::thread writer([&fixture, &is_done] {
        for (int i = 0; !is_done; ++i) {
            fixture.append({{.id = std::to_string(i)}});
        }
    });
    std::int64_t size_before = 0;
    for (int round = 0; round < 50; ++round) {
        const SharedSnapshot snapshot(fixture.url, 3);
        const std::int64_t size = snapshot.first().head().size;
        for (std::size_t i = 0; i < snapshot.workers(); ++i) {
            CHECK(snapshot.worker(i).head().size == size);
            CHECK(snapshot.worker(i).row_count() == size);
        }
        CHECK(size >= size_before);
        size_before = size;
    }
    is_done = true;
    writer.join();
    CHECK(size_before > 1);
}

TEST_CASE("stored checkpoints come one after the other from a size on", "[examined]") {
    Fixture fixture;
    for (const std::int64_t size : {5, 3, 9}) {
        store_checkpoint(fixture.database, {size, "note " + std::to_string(size)});
    }
    auto database = Database::open_for_reading(fixture.url);
    const LogReader snapshot(database);
    CheckpointRows rows(snapshot, 4);
    CHECK(rows.next()->note == "note 5");
    CHECK(rows.next()->size == 9);
    CHECK_FALSE(rows.next());
}

}  // namespace
}  // namespace dcm::store
