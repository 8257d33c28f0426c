#include "store/health.h"

#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>
#include <unistd.h>

namespace dcm::store {
namespace {

TEST_CASE("the facts of a database are those of one snapshot", "[health]") {
    test::Fixture fixture;
    fixture.append({{.id = "1", .stream_seq = 1}, {.id = "2", .stream_seq = 2}});
    store_checkpoint(fixture.database, {1, "note"});
    const DatabaseFacts facts = read_facts(fixture.url, {"dcm-status", "dcm-billing"});
    CHECK(facts.journal_mode == "wal");
    CHECK(facts.page_size == 16'384);
    CHECK(facts.migrations_missing == 0);
    REQUIRE(facts.log);
    CHECK(facts.log->size == 2);
    CHECK(facts.log->projected == 0);
    CHECK(facts.log->newest_record == fixture.clock.now());
    CHECK(facts.log->newest_checkpoint->size == 1);
    CHECK(facts.log->schema_differences.empty());
    REQUIRE(facts.log->streams.recorded.size() == 1);
    CHECK(facts.log->streams.recorded[0].last_sequence == 2);
    CHECK(facts.log->streams.accounted.empty());
    static_cast<void>(fixture.store.review({.stream = "dcm-status",
                                            .created_ns = 7,
                                            .durable = "dcm-billing",
                                            .first_sequence = 1,
                                            .last_sequence = 2,
                                            .settled_to = 2}));
    const DatabaseFacts reviewed = read_facts(fixture.url, {"dcm-status", "dcm-billing"});
    CHECK(account_of(/*created_ns=*/7, reviewed.log->streams.accounted).sequence == 2);
    CHECK(account_of(/*created_ns=*/8, reviewed.log->streams.accounted).sequence == 0);
    CHECK(read_facts(fixture.url, {"other", "dcm-billing"}).log->streams.recorded.empty());
    fixture.store.project(/*records_max=*/10);
    CHECK(read_facts(fixture.url, {"dcm-status", "dcm-billing"}).log->projected == 2);
}

TEST_CASE("who ingests is told without the lock being taken", "[health]") {
    const test::TemporaryDirectory directory;
    const DatabaseUrl url{directory.path() / "billing.db"};
    CHECK_FALSE(ingesting_process(url).has_value());
    {
        const IngestLock lock(url);
        CHECK(ingesting_process(url) == "process " + std::to_string(getpid()));
    }
    CHECK_FALSE(ingesting_process(url).has_value());
    CHECK_NOTHROW(IngestLock(url));
}

}  // namespace
}  // namespace dcm::store
