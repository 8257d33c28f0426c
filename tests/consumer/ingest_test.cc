#include "consumer/ingest.h"

#include "tests/consumer/ingest_fixture.h"
#include "tests/support/refused_call.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;
using store::IngestCounts;
using test::event;
using test::events;
using test::IngestFixture;

TEST_CASE("what is delivered is recorded, acknowledged and projected", "[ingest]") {
    IngestFixture fixture;
    auto messages = events(1, 3);
    messages[1].payload = "no event";
    fixture.source.deliver(messages);
    fixture.source.deliver(events(1, 1));
    const IngestCounts counts = fixture.run();
    CHECK(counts == IngestCounts{3, 2, 0, 1, 1});
    CHECK(fixture.source.acknowledged().size() == 4);
    CHECK(fixture.store.projection_lag() == 0);
    CHECK(fixture.waits.empty());
}

TEST_CASE("a batch has no more than commit_events messages", "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 4;
    std::vector<std::int64_t> batches;
    fixture.settings.after_commit = [&](const IngestCounts& counts) {
        batches.push_back(counts.received);
    };
    fixture.source.deliver(events(1, 9));
    CHECK(fixture.run().received == 9);
    CHECK(batches == std::vector<std::int64_t>{4, 4, 1});
}

TEST_CASE("a batch takes no further messages beyond its limit of bytes", "[ingest]") {
    IngestFixture fixture;
    constexpr std::size_t payload_size =
        std::size_t{160} * 1'024;  // two hundred of them are 32 MiB
    auto large = events(1, 500);
    for (Message& message : large) {
        message.payload.resize(payload_size, ' ');
    }
    std::vector<std::int64_t> batches;
    fixture.settings.after_commit = [&batches](const IngestCounts& counts) {
        batches.push_back(counts.received);
    };
    fixture.source.deliver(std::move(large));
    CHECK(fixture.run().received == 500);
    CHECK(batches == std::vector<std::int64_t>{250, 250});
}

TEST_CASE("a step that finds nothing to do says so", "[ingest]") {
    IngestFixture fixture;
    int idle = 0;
    fixture.settings.on_idle = [&idle] { ++idle; };
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    CHECK(ingest.step(fixture.stop) == Ingest::Step::idle);
    CHECK(idle == 1);
    fixture.source.deliver(events(1, 1));
    CHECK(ingest.step(fixture.stop) == Ingest::Step::worked);
    CHECK(idle == 1);
}

TEST_CASE("a step that records nothing new says so", "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    const std::vector<Message> messages = events(1, 2);
    fixture.source.deliver(messages);
    fixture.source.deliver(messages);
    fixture.source.deliver({messages.back(), event(3)});
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    CHECK(ingest.step(fixture.stop) == Ingest::Step::worked);
    CHECK(ingest.step(fixture.stop) == Ingest::Step::repeated);
    CHECK(ingest.step(fixture.stop) == Ingest::Step::worked);
    CHECK(ingest.totals().redelivered == 3);
}

TEST_CASE("short pulls are gathered until the commit interval has been waited", "[ingest]") {
    IngestFixture fixture;
    // Three waits of 100 ms, 100 ms and 50 ms.
    fixture.settings.commit_interval = milliseconds(250);
    std::vector<std::int64_t> batches;
    fixture.settings.after_commit = [&](const IngestCounts& counts) {
        batches.push_back(counts.received);
    };
    for (int number = 1; number <= 4; ++number) {
        fixture.source.deliver(events(number, 1));
    }
    CHECK(fixture.run().received == 4);
    CHECK(batches == std::vector<std::int64_t>{3, 1});
}

TEST_CASE("a stop finishes what was pulled and pulls no more", "[ingest]") {
    IngestFixture fixture;
    fixture.options.until = Until::stopped;
    fixture.settings.commit_events = 2;
    fixture.settings.after_commit = [&](const IngestCounts& /*counts*/) { fixture.stop = true; };
    fixture.source.deliver(events(1, 5));
    // The second batch was fed while the first was recorded.
    CHECK(fixture.run().received == 4);
    CHECK(fixture.source.acknowledged().size() == 4);
    CHECK(fixture.source.pulls() == 2);
    CHECK(fixture.store.projection_lag() == 0);
}

TEST_CASE("fault 78: while the database is slow two batches are held at the source, and no more",
          "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    fixture.settings.keep_interval = milliseconds(1);
    std::optional<store::test::HeldWriteLock> lock;
    lock.emplace(fixture.url);
    fixture.source.on_keep([&lock] { lock.reset(); });
    fixture.source.deliver(events(1, 8));
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    CHECK(ingest.step(fixture.stop) == Ingest::Step::worked);
    CHECK_FALSE(lock.has_value());
    CHECK(fixture.source.kept_max() == 4);
    CHECK(fixture.source.pulls() == 2);
    CHECK(fixture.source.acknowledged().size() == 2);
}

TEST_CASE("a batch that was fed while an append failed is recorded after it", "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    fixture.source.deliver(events(1, 8));
    const std::string refuse =
        "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'full'); END";
    REQUIRE(store::test::run_sql(fixture.url, refuse).empty());
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    for (int attempt = 0; attempt < 3; ++attempt) {
        CHECK_THROWS_WITH(ingest.step(fixture.stop), Catch::Contains("full"));
        CHECK(fixture.source.pulls() == 2);
    }
    CHECK(fixture.source.acknowledged().empty());
    REQUIRE(store::test::run_sql(fixture.url, "DROP TRIGGER full").empty());
    ingest.finish();
    CHECK(ingest.totals() == IngestCounts{4, 4, 0, 0, 0});
    CHECK(fixture.source.acknowledged().size() == 4);
}

TEST_CASE("what was pulled is recorded although the broker answers no question", "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    fixture.source.deliver(events(1, 6));
    fixture.source.refuse_reviews();
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    // It is asked before anything is pulled, before the first batch is recorded, then after each.
    for (const std::size_t settled : {0U, 2U, 4U, 6U}) {
        CHECK_THROWS_WITH(ingest.step(fixture.stop), "no answer");
        CHECK(fixture.source.acknowledged().size() == settled);
    }
    CHECK(ingest.totals().received == 6);
}

TEST_CASE("fault 45: without a thread to be had each batch is fed after the one before",
          "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    fixture.source.deliver(events(1, 9));
    const support::RefusedCall no_thread(support::SystemCall::create_thread, EAGAIN);
    CHECK(fixture.run() == IngestCounts{9, 9, 0, 0, 0});
    CHECK(fixture.source.acknowledged().size() == 9);
    CHECK(no_thread.count() > 0);
    CHECK(fixture.troubles.empty());
}

TEST_CASE("fault 45: without a thread a failing source holds up no acknowledgement", "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    fixture.source.deliver(events(1, 2));
    fixture.source.fail("away");
    fixture.source.deliver(events(3, 2));
    const support::RefusedCall no_thread(support::SystemCall::create_thread, EAGAIN);
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    CHECK_THROWS_WITH(ingest.step(fixture.stop), "away");
    CHECK(fixture.source.acknowledged().size() == 2);
}

TEST_CASE("fault 78: what is held is kept also when feeding the next batch has failed",
          "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    fixture.settings.keep_interval = milliseconds(1);
    std::optional<store::test::HeldWriteLock> lock;
    lock.emplace(fixture.url);
    fixture.source.deliver(events(1, 2));
    fixture.source.fail("away");
    Ingest ingest(fixture.source, fixture.store, fixture.lifecycle, fixture.settings);
    // The first time it is told before anything was pulled: nothing is held then.
    fixture.source.on_keep([&lock] { lock.reset(); });
    CHECK_THROWS_WITH(ingest.step(fixture.stop), "away");
    CHECK_FALSE(lock.has_value());
    CHECK(fixture.source.acknowledged().size() == 2);
}

TEST_CASE("messages gathered before a failure are committed before the source is asked again",
          "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_interval = milliseconds(1'000);
    fixture.source.deliver(events(1, 2));
    fixture.source.fail("away");
    fixture.options.pause = [&](milliseconds /*wait*/) { fixture.stop = true; };
    CHECK(fixture.run() == IngestCounts{2, 2, 0, 0, 0});
    CHECK(fixture.source.acknowledged().size() == 2);
}

TEST_CASE("a hook that fails is told again with what came since, and repeats no commit",
          "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 2;
    std::vector<std::int64_t> told;
    int failures = 2;
    fixture.settings.after_commit = [&](const IngestCounts& counts) {
        if (failures > 0) {
            --failures;
            throw Failure(ErrorKind::environment, "anchor file: no space left");
        }
        told.push_back(counts.received);
    };
    fixture.source.deliver(events(1, 4));
    CHECK(fixture.run() == IngestCounts{4, 4, 0, 0, 0});
    CHECK(told == std::vector<std::int64_t>{2, 2});
    CHECK(fixture.source.acknowledged().size() == 4);
    CHECK(fixture.store.log_size() >= 4);
}

TEST_CASE("fault 62: what is delivered again after its commit is acknowledged and adds nothing",
          "[ingest]") {
    IngestFixture fixture;
    fixture.source.deliver(events(1, 3));
    CHECK(fixture.run().accepted == 3);
    const std::int64_t size = fixture.store.log_size();
    fixture.source.deliver(events(1, 3));
    CHECK(fixture.run() == IngestCounts{0, 0, 0, 0, 3});
    CHECK(fixture.store.log_size() == size);
    CHECK(fixture.source.acknowledged().size() == 6);
}

TEST_CASE("a projection that lags too far follows between full batches", "[ingest]") {
    IngestFixture fixture;
    fixture.settings.commit_events = 10;
    fixture.settings.lag_max = 15;
    fixture.settings.project_step = 10;
    std::int64_t lag_max = 0;
    fixture.settings.after_commit = [&](const IngestCounts& /*counts*/) {
        lag_max = std::max(lag_max, fixture.store.projection_lag());
    };
    fixture.source.deliver(events(1, 200));
    CHECK(fixture.run().received == 200);
    CHECK(lag_max > 15);
    CHECK(lag_max <= 40);
    CHECK(fixture.store.projection_lag() == 0);
}

}  // namespace
}  // namespace dcm::consumer
