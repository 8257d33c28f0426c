#include "consumer/loop.h"

#include "tests/consumer/ingest_fixture.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;
using store::IngestCounts;
using test::events;
using test::IngestFixture;

TEST_CASE("a source that fails is asked again, later each time, nothing is lost", "[loop]") {
    IngestFixture fixture;
    fixture.options.backoff = {milliseconds(100), milliseconds(300)};
    fixture.source.deliver(events(1, 2));
    for (int count = 0; count < 4; ++count) {
        fixture.source.fail("the broker is away");
    }
    fixture.source.deliver(events(3, 2));
    CHECK(fixture.run() == IngestCounts{4, 4, 0, 0, 0});
    using Waits = std::vector<milliseconds>;
    CHECK(fixture.waits ==
          Waits{milliseconds(100), milliseconds(200), milliseconds(300), milliseconds(300)});
    CHECK(fixture.troubles == std::vector<std::string>(4, "the broker is away"));
    CHECK(fixture.recoveries == 1);
}

TEST_CASE("steps that find nothing to do between failures are no recovery", "[loop]") {
    IngestFixture fixture;
    for (int count = 0; count < 3; ++count) {
        fixture.source.fail("no heartbeat");
        fixture.source.deliver({});
    }
    fixture.source.deliver(events(1, 1));
    CHECK(fixture.run().received == 1);
    CHECK(fixture.waits ==
          std::vector<milliseconds>{milliseconds(100), milliseconds(200), milliseconds(400)});
    CHECK(fixture.recoveries == 1);
}

TEST_CASE("fault 44: a database that refuses each attempt for good is given up", "[loop]") {
    IngestFixture fixture;
    fixture.options.until = Until::stopped;
    fixture.source.deliver(events(1, 2));
    const std::string refuse =
        "CREATE TRIGGER ours BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'not yours'); "
        "END";
    REQUIRE(store::test::run_sql(fixture.url, refuse).empty());
    CHECK_THROWS_WITH(
        fixture.run(),
        Catch::Contains("not yours") && Catch::Contains("8 times in a row: given up"));
    CHECK(fixture.waits.size() == 7);
    CHECK(fixture.source.acknowledged().empty());
}

TEST_CASE("when the patience is over the failure is the caller's", "[loop]") {
    IngestFixture fixture;
    fixture.options.backoff = {milliseconds(100), milliseconds(100)};
    fixture.options.patience = milliseconds(250);
    for (int count = 0; count < 10; ++count) {
        fixture.source.fail("away");
    }
    CHECK_THROWS_WITH(fixture.run(), "away");
    CHECK(fixture.waits.size() == 3);
}

TEST_CASE("success between two failures renews the patience", "[loop]") {
    IngestFixture fixture;
    fixture.options.patience = milliseconds(100);
    for (int number = 1; number <= 5; ++number) {
        fixture.source.fail("away");
        fixture.source.deliver(events(number, 1));
    }
    CHECK(fixture.run().received == 5);
    CHECK(fixture.waits == std::vector<milliseconds>(5, milliseconds(100)));
}

TEST_CASE("malformed input is not tried again", "[loop]") {
    IngestFixture fixture;
    fixture.source.fail("line too long", ErrorKind::malformed);
    CHECK_THROWS_WITH(fixture.run(), "line too long");
    CHECK(fixture.waits.empty());
}

}  // namespace
}  // namespace dcm::consumer
