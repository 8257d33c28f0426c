// How many messages a second the store records on one thread, into a new database in the directory
// given: append alone, then with the projection following. Not a test: figures go to
// bench/README.md.

#include "base/clock.h"
#include "store/ingest_store.h"
#include "tests/store/store_fixture.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>

namespace {

using dcm::store::Database;
using dcm::store::DatabaseUrl;
using dcm::store::DraftedMessage;
using dcm::store::IngestStore;
using dcm::store::test::EventSpec;

constexpr int kInstances = 20'000;
constexpr int kBatch = 5'000;
constexpr std::int64_t kProjectAt = 262'144;

struct Plan {
    int events = 1'000'000;
    bool with_projection = false;
};

std::vector<DraftedMessage> make_batch(int first) {
    std::vector<EventSpec> batch;
    batch.reserve(kBatch);
    for (int i = first; i < first + kBatch; ++i) {
        const std::uint64_t scrambled = static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15U;
        EventSpec spec;
        spec.id = std::to_string(scrambled) + "-" + std::to_string(scrambled * 31U).substr(0, 15);
        spec.instance = "93ae4ed7-101e-569c-b89c-" + std::to_string(i % kInstances);
        spec.word = (i / kInstances) % 2 == 0 ? "RUNNING" : "STOPPED";
        spec.time_s = 1'777'629'600 + i / 10;
        spec.stream_seq = i + 1;
        spec.payload = std::string(300, 'x');
        batch.push_back(spec);
    }
    return dcm::store::test::drafts_of(batch);
}

// By the clock on the wall, and by the processor's time of this process.
struct Rate {
    double wall = 0;
    double processor = 0;
};

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

class Stopwatch {
public:
    void start() {
        wall_begin_ = std::chrono::steady_clock::now();
        processor_begin_ = processor_seconds();
    }
    void stop() {
        wall_ += std::chrono::steady_clock::now() - wall_begin_;
        processor_ += processor_seconds() - processor_begin_;
    }
    [[nodiscard]] Rate rate(int events) const {
        return {events / wall_.count(), events / processor_};
    }

private:
    std::chrono::steady_clock::time_point wall_begin_;
    std::chrono::duration<double> wall_{};
    double processor_begin_ = 0;
    double processor_ = 0;
};

void print(const char* what, Rate rate) {
    std::printf(
        "%s: %.0f messages/s, %.0f per processor second\n", what, rate.wall, rate.processor);
}

Rate run(const std::filesystem::path& path, const Plan& plan) {
    std::filesystem::remove(path);
    auto database = Database::open_for_writing(DatabaseUrl{path});
    const auto lifecycle = dcm::rules::standard_lifecycle();
    const dcm::SystemClock clock;
    const auto key = dcm::support::log_key(database);
    IngestStore store(database, lifecycle, key, clock, {"svc:bench/1", "sha256:00", "book"});
    Stopwatch watch;
    for (int first = 0; first < plan.events; first += kBatch) {
        auto batch = make_batch(first);
        watch.start();
        store.append(batch);
        if (plan.with_projection && store.projection_lag() >= kProjectAt) {
            store.project(kProjectAt);
        }
        watch.stop();
    }
    watch.start();
    while (plan.with_projection && store.projection_lag() > 0) {
        store.project(kProjectAt);
    }
    watch.stop();
    return watch.rate(plan.events);
}

}  // namespace

int main(int argc, char** argv) {
    const std::filesystem::path directory = argc > 1 ? argv[1] : ".";
    const int events = argc > 2 ? std::stoi(argv[2]) : 1'000'000;
    const std::string which = argc > 3 ? argv[3] : "both";
    if (which != "project") {
        print("append", run(directory / "throughput.db", {events, /*with_projection=*/false}));
    }
    if (which != "append") {
        print("append and project",
              run(directory / "throughput.db", {events, /*with_projection=*/true}));
    }
    return 0;
}
