#include "store/accepted_twice.h"

#include "store/ingest_writer.h"
#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

namespace dcm::store {
namespace {

using test::Fixture;

// One digest for everything.
Digest digest_of_one(const TextPair& /*key*/) {
    return 1;
}

// In one batch, which is a run of its own when it has three events.
std::int64_t accept(Fixture& fixture,
                    const std::vector<test::EventSpec>& specs,
                    Digest (*digest)(const TextPair&) = &digest_of) {
    migrations::WriteTransaction transaction(fixture.database.session(), "test");
    IngestWriter writer(
        fixture.database.session(), fixture.lifecycle, fixture.key, {digest, /*run_entries=*/3});
    auto batch = test::drafts_of(specs);
    const IngestCounts counts = writer.append(batch, "svc:test/1", 1);
    transaction.commit();
    return counts.accepted;
}

std::optional<AcceptedTwice> find(const Fixture& fixture) {
    Database database = Database::open_for_reading(fixture.url);
    return find_accepted_twice(LogReader(database));
}

void hide_runs(const Fixture& fixture) {
    REQUIRE(test::run_sql(fixture.url, "UPDATE identity_run SET filter = zeroblob(length(filter))")
                .empty());
}

TEST_CASE("an event that was accepted twice is found, in runs and behind them", "[identity]") {
    Fixture fixture;
    REQUIRE(accept(fixture, {{.id = "1"}, {.id = "2"}, {.id = "3"}}) == 3);
    REQUIRE(accept(fixture, {{.id = "4"}}) == 1);
    CHECK_FALSE(find(fixture).has_value());
    hide_runs(fixture);
    SECTION("in runs") {
        REQUIRE(accept(fixture, {{.id = "5"}, {.id = "2"}, {.id = "6"}}) == 3);
        CHECK(test::query_text(fixture.url, "SELECT count(*) FROM identity_run") == "2");
        const auto twice = find(fixture);
        REQUIRE(twice.has_value());
        CHECK(twice->first == 1);
        CHECK(twice->second == 5);
    }
    SECTION("behind the newest run") {
        REQUIRE(accept(fixture, {{.id = "3"}}) == 1);
        const auto twice = find(fixture);
        REQUIRE(twice.has_value());
        CHECK(twice->first == 2);
        CHECK(twice->second == 4);
    }
}

TEST_CASE("events that share a digest are two events", "[identity]") {
    Fixture fixture;
    REQUIRE(accept(fixture, {{.id = "1"}, {.id = "2"}, {.id = "3"}}, &digest_of_one) == 3);
    REQUIRE(accept(fixture, {{.id = "4"}, {.id = "5"}, {.id = "6"}}, &digest_of_one) == 3);
    CHECK_FALSE(find(fixture).has_value());
}

}  // namespace
}  // namespace dcm::store
