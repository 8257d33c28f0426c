#include "store/proven_record.h"

#include "tests/store/store_fixture.h"

#include <catch2/catch.hpp>

#include <string>

namespace dcm::store {
namespace {

using test::Fixture;
using test::run_sql;

std::vector<test::EventSpec> some_events(int count) {
    std::vector<test::EventSpec> specs(static_cast<std::size_t>(count));
    int number = 0;
    for (test::EventSpec& spec : specs) {
        spec.id = std::to_string(++number);
    }
    return specs;
}

// Of one record, asked alone.
std::vector<audit::Finding> found_at(const Fixture& fixture, std::int64_t seq) {
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    return ProvenRecords(snapshot).examine(seq);
}

TEST_CASE("every record is proven, one after the other and in any order", "[proven]") {
    Fixture fixture;
    fixture.append(some_events(600));
    Database reader = Database::open_for_reading(fixture.url);
    const LogReader snapshot(reader);
    const std::int64_t size = snapshot.head().size;
    ProvenRecords proven(snapshot);
    for (std::int64_t seq = 0; seq < size; ++seq) {
        CHECK(proven.examine(seq).empty());
    }
    for (const std::int64_t seq :
         {size - 1, std::int64_t{0}, std::int64_t{256}, std::int64_t{255}}) {
        CHECK(proven.examine(seq).empty());
    }
    for (const std::int64_t seq : {std::int64_t{-1}, size}) {
        CHECK(proven.examine(seq).size() == 1);
    }
}

TEST_CASE("a record that was edited is not proven, the others are", "[proven]") {
    Fixture fixture;
    fixture.append(some_events(300));
    CHECK(run_sql(fixture.url, "DROP TRIGGER audit_log_no_update").empty());
    CHECK(run_sql(fixture.url, "UPDATE audit_log SET ce_id = 'x' WHERE seq = 7").empty());
    CHECK(found_at(fixture, 7).size() == 1);
    CHECK(found_at(fixture, 6).empty());
    CHECK(found_at(fixture, 8).empty());
}

TEST_CASE("what lies beside a record is held against its commitments", "[proven]") {
    for (const char* const edit :
         {"payload = X'7b7d20'", "salt = randomblob(32)", "headers = '{}'"}) {
        CAPTURE(edit);
        Fixture fixture;
        fixture.append(some_events(3));
        const std::string where = " WHERE seq = 1";
        CHECK(
            run_sql(fixture.url, std::string("UPDATE audit_payload SET ") + edit + where).empty());
        CHECK(found_at(fixture, 1).size() == 1);
        CHECK(found_at(fixture, 2).empty());
    }
}

}  // namespace
}  // namespace dcm::store
