// What evidence costs: the events of a JSON Lines file through the product's pipeline into a new
// database, without a signer or with one that signs and anchors in a file each second. `read_again`
// instead reads, hashes and signs a log that is there at one go, which is the part of the signer
// that can run beside ingestion. Prints how many records there are.

#include "anchors/anchor_file.h"
#include "anchors/anchor_set.h"
#include "anchors/signer.h"
#include "base/clock.h"
#include "consumer/file_source.h"
#include "consumer/loop.h"

#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

namespace {

using dcm::anchors::AnchorSet;
using dcm::anchors::Signer;
using dcm::store::Database;

struct Evidence {
    Evidence(Database& database, const std::filesystem::path& path, const dcm::Clock& clock)
        : anchors(anchor_file(path), /*quorum=*/1, clock),
          signer(database,
                 {{path},
                  "bench",
                  {dcm::anchors::beside(path, ".key"), dcm::anchors::beside(path, ".signer")}},
                 anchors,
                 clock) {}

    static std::vector<std::unique_ptr<dcm::anchors::Anchor>> anchor_file(
        const std::filesystem::path& path) {
        std::vector<std::unique_ptr<dcm::anchors::Anchor>> anchors;
        anchors.push_back(
            std::make_unique<dcm::anchors::FileAnchor>(dcm::anchors::beside(path, ".anchors")));
        return anchors;
    }

    AnchorSet anchors;
    Signer signer;
};

std::int64_t ingest(const std::string& events, const std::filesystem::path& path, bool is_signed) {
    const dcm::SystemClock clock;
    const auto lifecycle = dcm::rules::standard_lifecycle();
    Database database = Database::open_for_writing({path});
    dcm::store::IngestStore store(
        database, lifecycle, clock, {"svc:bench/1", "sha256:bench", "version: 1\n"});
    dcm::consumer::FileSource source({events}, clock);
    std::optional<Evidence> evidence;
    dcm::consumer::IngestSettings settings;
    if (is_signed) {
        evidence.emplace(database, path, clock);
        settings.after_commit = [&evidence](const auto&) { evidence->signer.sign_if_due(); };
    }
    dcm::consumer::Ingest pipeline(source, store, lifecycle, settings);
    const std::atomic<bool> never_stopped = false;
    dcm::consumer::LoopOptions loop;
    loop.until = dcm::consumer::Until::drained;
    static_cast<void>(dcm::consumer::run_loop(pipeline, loop, never_stopped));
    if (evidence) {
        evidence->signer.sign();
    }
    return store.log_size();
}

std::int64_t read_again(const std::filesystem::path& path) {
    const dcm::SystemClock clock;
    Database database = Database::open_for_writing({path});
    Evidence(database, path, clock).signer.sign();
    return dcm::store::LogReader(database).head().size;
}

std::int64_t run(const std::string& how, const std::string& events, const std::string& path) {
    return how == "read_again" ? read_again(path) : ingest(events, path, how == "signed");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        static_cast<void>(std::fprintf(
            stderr, "usage: bench_signing unsigned|signed|read_again EVENTS DATABASE\n"));
        return 2;
    }
    try {
        static_cast<void>(
            std::printf("%lld\n", static_cast<long long>(run(argv[1], argv[2], argv[3]))));
        return 0;
    } catch (const std::exception& failure) {
        static_cast<void>(std::fprintf(stderr, "bench_signing: %s\n", failure.what()));
        return 1;
    }
}
