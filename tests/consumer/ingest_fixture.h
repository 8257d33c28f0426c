#pragma once

#include "consumer/ingest.h"
#include "consumer/loop.h"
#include "tests/store/store_fixture.h"
#include "tests/support/log_key.h"
#include "tests/support/manual_clock.h"
#include "tests/support/scripted_source.h"
#include "tests/support/temp_dir.h"

#include <atomic>
#include <string>
#include <vector>

namespace dcm::consumer::test {

inline constexpr std::int64_t kNowMicros = 1'780'000'000'000'000;

inline Message event(int number) {
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

inline std::vector<Message> events(int first, int count) {
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
    std::vector<std::chrono::milliseconds> waits;
    std::vector<std::string> troubles;
    int recoveries = 0;
    std::atomic<bool> stop = false;

    IngestFixture() {
        options.until = Until::drained;
        options.pause = [this](std::chrono::milliseconds wait) { waits.push_back(wait); };
        options.on_trouble = [this](const Failure& failure, std::chrono::milliseconds /*wait*/) {
            troubles.emplace_back(failure.what());
        };
        options.on_recovery = [this] { ++recoveries; };
    }

    store::IngestCounts run() {
        Ingest ingest(source, store, lifecycle, settings);
        return run_loop(ingest, options, stop);
    }
};

}  // namespace dcm::consumer::test
