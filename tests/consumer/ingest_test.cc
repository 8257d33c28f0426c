#include "consumer/ingest.h"

#include "consumer/loop.h"
#include "consumer/stream_setup.h"
#include "tests/store/store_fixture.h"
#include "tests/support/log_key.h"
#include "tests/support/manual_clock.h"
#include "tests/support/refused_call.h"
#include "tests/support/scripted_source.h"
#include "tests/support/temp_dir.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;
using store::IngestCounts;

constexpr std::int64_t kNowMicros = 1'780'000'000'000'000;

Message event(int number) {
    const std::string id = std::to_string(number);
    Message message;
    message.subject = "dcm.vm";
    message.payload = R"({"specversion":"1.0","id":")" + id +
                      R"(","source":"dcm/providers/p","type":"dcm.status.vm",)" +
                      R"("time":"2026-05-01T00:00:00Z","data":{"id":"i)" + id +
                      R"(","status":"RUNNING"}})";
    message.store_time = Instant{kNowMicros};
    message.stream_seq = number;
    message.position = BrokerPosition{"dcm-status", 1, number, kNowMicros * 1000};
    message.ack_subject = "ack." + id;
    return message;
}

std::vector<Message> events(int first, int count) {
    std::vector<Message> all;
    for (int number = first; number < first + count; ++number) {
        all.push_back(event(number));
    }
    return all;
}

// A real store on a real file, a scripted source, a clock that stands.
struct IngestFixture {
    support::TempDir directory;
    support::ManualClock clock{Instant{kNowMicros}};
    rules::Lifecycle lifecycle = rules::standard_lifecycle();
    store::DatabaseUrl url{directory.path() / "billing.db"};
    store::Database database = store::Database::open_for_writing(url);
    audit::SigningKey key = support::log_key(database);
    store::IngestStore store{
        database, lifecycle, key, clock, {"svc:test/1", "sha256:b1", "version: 1\n"}};
    support::ScriptedSource source;
    IngestSettings settings;
    LoopOptions options;
    std::vector<milliseconds> waits;
    std::vector<std::string> troubles;
    int recoveries = 0;
    std::atomic<bool> stop = false;

    IngestFixture() {
        options.until = Until::drained;
        options.pause = [this](milliseconds wait) { waits.push_back(wait); };
        options.on_trouble = [this](const Failure& failure, milliseconds /*wait*/) {
            troubles.emplace_back(failure.what());
        };
        options.on_recovery = [this] { ++recoveries; };
    }

    IngestCounts run() {
        Ingest ingest(source, store, lifecycle, settings);
        return run_loop(ingest, options, stop);
    }
};

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

TEST_CASE("a source that fails is asked again, later each time, nothing is lost", "[ingest]") {
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

TEST_CASE("steps that find nothing to do between failures are no recovery", "[ingest]") {
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

TEST_CASE("fault 44: a database that refuses each attempt for good is given up", "[ingest]") {
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

TEST_CASE("when the patience is over the failure is the caller's", "[ingest]") {
    IngestFixture fixture;
    fixture.options.backoff = {milliseconds(100), milliseconds(100)};
    fixture.options.patience = milliseconds(250);
    for (int count = 0; count < 10; ++count) {
        fixture.source.fail("away");
    }
    CHECK_THROWS_WITH(fixture.run(), "away");
    CHECK(fixture.waits.size() == 3);
}

TEST_CASE("success between two failures renews the patience", "[ingest]") {
    IngestFixture fixture;
    fixture.options.patience = milliseconds(100);
    for (int number = 1; number <= 5; ++number) {
        fixture.source.fail("away");
        fixture.source.deliver(events(number, 1));
    }
    CHECK(fixture.run().received == 5);
    CHECK(fixture.waits == std::vector<milliseconds>(5, milliseconds(100)));
}

TEST_CASE("malformed input is not tried again", "[ingest]") {
    IngestFixture fixture;
    fixture.source.fail("line too long", ErrorKind::malformed);
    CHECK_THROWS_WITH(fixture.run(), "line too long");
    CHECK(fixture.waits.empty());
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
