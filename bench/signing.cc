// What sealing, signing and anchoring cost beside appending, by the clock on the wall, in one
// thread: a new database in the folder given, batches of 5,000 events, a checkpoint with a file
// anchor after every twentieth, which is more often than one a second. Prints each share of the
// time that appending takes; what the signer spends on reading the records again is told apart.

#include "anchors/anchor_file.h"
#include "anchors/signer.h"
#include "audit/seal.h"
#include "migrations/session.h"
#include "store/log_seal.h"
#include "tests/store/store_fixture.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace {

using dcm::store::DraftedMessage;
using dcm::store::LogReader;
using dcm::store::test::EventSpec;

constexpr int kBatch = 5'000;
constexpr int kBatchesPerCheckpoint = 20;
constexpr int kInstances = 20'000;

std::vector<DraftedMessage> make_batch(int first) {
    std::vector<EventSpec> batch;
    for (int i = first; i < first + kBatch; ++i) {
        EventSpec spec;
        spec.id = std::to_string(static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15U);
        spec.instance = "93ae4ed7-101e-569c-b89c-" + std::to_string(i % kInstances);
        spec.time_s = 1'777'629'600 + i / 10;
        spec.stream_seq = i + 1;
        spec.payload = std::string(300, 'x');
        batch.push_back(spec);
    }
    return dcm::store::test::drafts_of(batch);
}

class Stopwatch {
public:
    template <typename Act>
    void time(const Act& act) {
        const auto begin = std::chrono::steady_clock::now();
        act();
        seconds_ += std::chrono::steady_clock::now() - begin;
    }
    [[nodiscard]] double seconds() const { return seconds_.count(); }

private:
    std::chrono::duration<double> seconds_{};
};

struct Times {
    Stopwatch append;
    Stopwatch seal;
    Stopwatch sign;     // all that the signer does
    Stopwatch re_read;  // of that, reading and hashing the records
};

// As the writer does it in the transaction of each batch; taken back.
void seal_again(dcm::store::Database& database, const dcm::audit::SigningKey& key, Times& times) {
    const auto tree = dcm::anchors::head_of(LogReader(database));
    dcm::migrations::WriteTransaction transaction(database.session(), "seal");
    times.seal.time([&] {
        dcm::store::write_seal(database.session(),
                               dcm::audit::seal_records(tree.size() - kBatch, tree, key));
    });
}

void read_again(dcm::store::Database& reader, std::int64_t from, Times& times) {
    const LogReader snapshot(reader);
    dcm::audit::Frontier tree;
    std::string leaf_data;
    times.re_read.time([&] {
        snapshot.each_leaf(from, snapshot.head().size, [&](const dcm::audit::Record& record) {
            dcm::audit::encode_leaf(record, leaf_data);
            tree.append(dcm::audit::leaf_hash(leaf_data));
        });
    });
}

Times run(const std::filesystem::path& folder, int events) {
    const dcm::store::DatabaseUrl url{folder / "signing.db"};
    auto database = dcm::store::Database::open_for_writing(url);
    const dcm::SystemClock clock;
    const auto lifecycle = dcm::rules::standard_lifecycle();
    std::vector<std::unique_ptr<dcm::anchors::Anchor>> places;
    places.push_back(std::make_unique<dcm::anchors::FileAnchor>(folder / "anchors"));
    dcm::anchors::AnchorSet anchors(std::move(places), /*quorum=*/1, clock);
    const dcm::anchors::SignerSetup setup{url, "bench", {folder / "key", folder / "signer"}};
    const dcm::anchors::LogKey key = dcm::anchors::open_log(database, setup, anchors);
    dcm::store::IngestStore store(
        database, lifecycle, key.signing, clock, {"svc:bench/1", "sha256:00", "book"});
    dcm::anchors::Signer signer(database, setup, key, anchors, clock);
    auto reader = dcm::store::Database::open_for_reading(url);
    Times times;
    for (int first = 0, batches = 1; first < events; first += kBatch, ++batches) {
        auto batch = make_batch(first);
        times.append.time([&] { store.append(batch); });
        seal_again(database, key.signing, times);
        if (batches % kBatchesPerCheckpoint == 0) {
            times.sign.time([&] { signer.sign(); });
            read_again(reader, first + kBatch - kBatchesPerCheckpoint * kBatch, times);
        }
    }
    return times;
}

void print(const char* what, double seconds, const Times& times, int events) {
    std::printf("signing: %-22s %6.3f us/event, %5.2f %% of appending\n",
                what,
                seconds / events * 1e6,
                seconds / times.append.seconds() * 100);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: bench_signing FOLDER EVENTS\n");
        return 2;
    }
    const int events = std::atoi(argv[2]);  // NOLINT(cert-err34-c): a number that run.py made
    const Times times = run(argv[1], events);
    print("appending", times.append.seconds(), times, events);
    print("the seal", times.seal.seconds(), times, events);
    print("checkpoint and anchor", times.sign.seconds() - times.re_read.seconds(), times, events);
    print("reading again", times.re_read.seconds(), times, events);
    return 0;
}
