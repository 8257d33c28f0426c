#include "store/backup.h"

#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::store {
namespace {

// Payloads of this size make a database that is copied in several steps.
constexpr std::size_t kLargePayload = 1'000'000;
constexpr std::int64_t kLargeEvents = 12;

void append_large(test::Fixture& fixture) {
    for (std::int64_t number = 0; number < kLargeEvents; ++number) {
        fixture.append(
            {{.id = std::to_string(number), .payload = std::string(kLargePayload, 'x')}});
    }
}

TEST_CASE("a copy is the state of its snapshot though a writer commits between its steps",
          "[backup]") {
    test::Fixture fixture;
    append_large(fixture);
    Database reader = Database::open_for_reading(fixture.url);
    const DatabaseUrl target{fixture.directory.file("copy.db", "")};
    std::int64_t steps = 0;
    {
        const LogReader snapshot(reader);
        CHECK(copy_database(snapshot, target.path, [&](std::int64_t done, std::int64_t total) {
            CHECK(done < total);
            ++steps;
            fixture.append({{.id = "later-" + std::to_string(steps)}});
            return true;
        }));
    }
    CHECK(steps > 1);
    Database copy = Database::open_for_reading(target);
    const LogReader copied(copy);
    CHECK(copied.head().size == kLargeEvents);
    CHECK(copied.row_count() == kLargeEvents);
    CHECK(fixture.store.log_size() == kLargeEvents + steps);
}

TEST_CASE("a copy that is told to stop does, and says so", "[backup]") {
    test::Fixture fixture;
    append_large(fixture);
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    const auto target = fixture.directory.file("copy.db", "");
    CHECK_FALSE(copy_database(snapshot, target, [](std::int64_t, std::int64_t) { return false; }));
}

TEST_CASE("a copy into a folder that is not there is an environment failure", "[backup]") {
    test::Fixture fixture;
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    CHECK_THROWS_AS(copy_database(snapshot,
                                  fixture.directory.path() / "missing" / "copy.db",
                                  [](std::int64_t, std::int64_t) { return true; }),
                    Failure);
}

}  // namespace
}  // namespace dcm::store
