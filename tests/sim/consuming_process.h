#pragma once

#include "anchors/signer.h"
#include "consumer/fleet_random.h"
#include "consumer/loop.h"
#include "rules/lifecycle.h"
#include "store/ingest_store.h"
#include "tests/sim/broker.h"
#include "tests/sim/disk.h"
#include "tests/support/manual_clock.h"

#include <atomic>
#include <filesystem>

namespace dcm::sim {

inline constexpr const char* kDeployment = "sim";

[[nodiscard]] anchors::SignerPlaces signer_places(const std::filesystem::path& database);
[[nodiscard]] std::vector<std::filesystem::path> anchor_files(
    const std::filesystem::path& database);

// Thrown when the process is gone: its machine has no power, or somebody lost patience with it.
struct Killed {};

// One life of the ingesting process, composed as cli/ingest_session.cc does, with limits so small
// that every stage has its turn within a few messages.
class ConsumingProcess {
public:
    // Opens everything; throws Failure as the program does.
    ConsumingProcess(const std::filesystem::path& database,
                     Disk& disk,
                     support::ManualClock& clock,
                     consumer::FleetRandom& random);

    // Until the broker is drained, or stopped by a signal at some commit. Throws Failure or Killed.
    void run(Broker& broker);

private:
    [[nodiscard]] consumer::IngestSettings settings();
    [[nodiscard]] consumer::LoopOptions loop_options();
    void after_commit();
    void sign_if_due();
    void wait_for_better_times();

    Disk& disk_;
    support::ManualClock& clock_;
    consumer::FleetRandom& random_;
    rules::Lifecycle lifecycle_ = rules::standard_lifecycle();
    store::IngestLock lock_;
    store::Database database_;
    anchors::AnchorSet anchors_;
    anchors::LogKey key_;
    store::IngestStore store_;
    anchors::Signer signer_;
    std::atomic<bool> stop_ = false;
    int attempts_in_vain_ = 0;
    // After so many attempts the trouble is over, or somebody kills the process.
    bool trouble_ends_;
};

}  // namespace dcm::sim
