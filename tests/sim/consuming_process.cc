#include "tests/sim/consuming_process.h"

#include "anchors/anchor_file.h"
#include "migrations/session.h"

#include <memory>
#include <string>

namespace dcm::sim {
namespace {

constexpr int kAttemptsInVainMax = 4;
constexpr std::int64_t kStopsInThousand = 40;
// All of them: so a stored checkpoint is in each.
constexpr std::size_t kAnchorsNeeded = 2;

std::vector<std::unique_ptr<anchors::Anchor>> make_anchors(const std::filesystem::path& database) {
    std::vector<std::unique_ptr<anchors::Anchor>> made;
    for (const std::filesystem::path& file : anchor_files(database)) {
        made.push_back(std::make_unique<anchors::FileAnchor>(file));
    }
    return made;
}

anchors::SignerSetup signer_setup(const std::filesystem::path& database) {
    return {{database}, kDeployment, signer_places(database)};
}

store::IngestOptions ingest_options(consumer::FleetRandom& random) {
    // Another book now and then: its change is a record of its own.
    const std::string version = std::to_string(random.below(2));
    return {"svc:sim/1", "sha256:b" + version, "version: " + version + "\n"};
}

}  // namespace

anchors::SignerPlaces signer_places(const std::filesystem::path& database) {
    return {anchors::beside(database, ".key"), anchors::beside(database, ".signer")};
}

std::vector<std::filesystem::path> anchor_files(const std::filesystem::path& database) {
    return {anchors::beside(database, ".anchors"), anchors::beside(database, ".anchors2")};
}

ConsumingProcess::ConsumingProcess(const std::filesystem::path& database,
                                   Disk& disk,
                                   support::ManualClock& clock,
                                   consumer::FleetRandom& random)
    : disk_(disk),
      clock_(clock),
      random_(random),
      lock_({database}),
      database_(store::Database::open_for_writing({database})),
      anchors_(make_anchors(database), kAnchorsNeeded, clock),
      key_(anchors::open_log(database_, signer_setup(database), anchors_)),
      store_(database_, lifecycle_, key_.signing, clock, ingest_options(random)),
      signer_(database_, signer_setup(database), key_, anchors_, clock),
      trouble_ends_(random.happens(500)) {
    // The log is written back to the database within these few messages too.
    const std::string pages = std::to_string(8 + random.below(60));
    migrations::run_script(
        database_.session(), "PRAGMA wal_autocheckpoint = " + pages, "start the simulation");
}

void ConsumingProcess::run(Broker& broker) {
    consumer::Ingest ingest(broker, store_, lifecycle_, settings());
    static_cast<void>(run_loop(ingest, loop_options(), stop_));
    signer_.sign();
}

consumer::IngestSettings ConsumingProcess::settings() {
    consumer::IngestSettings settings;
    settings.commit_events = static_cast<std::size_t>(1 + random_.below(8));
    settings.lag_max = random_.below(10);
    settings.project_step = 1 + random_.below(6);
    settings.after_commit = [this](const store::IngestCounts& /*added*/) { after_commit(); };
    settings.on_idle = [this] { sign_if_due(); };
    return settings;
}

consumer::LoopOptions ConsumingProcess::loop_options() {
    consumer::LoopOptions options;
    options.until = consumer::Until::drained;
    options.pause = [this](std::chrono::milliseconds /*wait*/) { wait_for_better_times(); };
    options.on_recovery = [this] { attempts_in_vain_ = 0; };
    return options;
}

void ConsumingProcess::after_commit() {
    sign_if_due();
    if (random_.happens(kStopsInThousand)) {
        stop_ = true;
    }
}

// As cli/ingest_session.cc: evidence that cannot be written now is written later. What was begun is
// waited for, so that the same seed gives the same order of operations on the disk.
void ConsumingProcess::sign_if_due() {
    clock_.advance(Duration{random_.below(2 * kMicrosPerSecond)});
    try {
        signer_.sign_if_due();
        signer_.wait();
    } catch (const Failure& failure) {
        static_cast<void>(failure);  // told in the program's log
    }
}

void ConsumingProcess::wait_for_better_times() {
    if (!disk_.is_on()) {
        throw Killed();
    }
    if (++attempts_in_vain_ == kAttemptsInVainMax) {
        if (!trouble_ends_) {
            throw Killed();
        }
        disk_.heal();
    }
    if (attempts_in_vain_ > 2 * kAttemptsInVainMax) {
        throw Failure(ErrorKind::malformed, "the trouble is over, and the process does not go on");
    }
}

}  // namespace dcm::sim
