// The ingest path under faults, as TigerBeetle and SQLite test theirs.
//
// Method: the product's own code runs on a simulated disk (disk.h: every call of SQLite and of ours
// can fail, or be the last before a power cut), against a broker that delivers at least once, with
// a clock that stands still. After a fault the process goes on, or is started again, until the
// stream is drained. One seed decides everything that is chosen, and a failure prints it.
//
// Goal: whatever fails, wherever it fails, each message is in the log once as it was delivered,
// nothing was acknowledged before it was durable, the log is verified by every note that was ever
// signed, and usage is what it is without faults.
#include "tests/sim/simulation.h"

#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <random>
#include <string>

namespace dcm::sim {
namespace {

constexpr std::uint64_t kFixedSeed = 2026;
constexpr std::uint64_t kFixedSeeds = 40;
constexpr std::uint64_t kFreshSeeds = 5;

Scenario small_scenario() {
    Scenario scenario;
    scenario.seed = kFixedSeed;
    scenario.messages = 8;
    return scenario;
}

// The first operation, the second, and so on until no run has so many.
void fail_each_of(Act act, Scenario scenario, Harm harm) {
    const std::vector<std::string> usage = simulate(small_scenario()).usage;
    bool was_met = true;
    for (std::int64_t nth = 1; was_met; ++nth) {
        scenario.fault = Fault{act, nth, harm};
        const Outcome outcome = simulate(scenario);
        INFO(act_name(act) << " number " << nth << ", " << harm_name(harm));
        CHECK_THAT(outcome.problems, Catch::Equals(Problems()));
        CHECK(outcome.usage == usage);
        was_met = outcome.fault_was_met;
    }
}

void fail_each(Harm harm, Survival survival) {
    Scenario scenario = small_scenario();
    scenario.survival = survival;
    for (const Act act : kActs) {
        fail_each_of(act, scenario, harm);
    }
}

// Several faults, one after the other, all chosen by the seed.
void run_seed(std::uint64_t seed) {
    Scenario calm;
    calm.seed = seed;
    calm.messages = 10 + static_cast<std::int64_t>(seed % 30);
    Scenario scenario = calm;
    scenario.more_faults = 1 + static_cast<std::int64_t>(seed % 4);
    const Outcome outcome = simulate(scenario);
    INFO("repeat with DCM_SIM_SEED=" << seed);
    CHECK_THAT(outcome.problems, Catch::Equals(Problems()));
    CHECK(outcome.usage == simulate(calm).usage);
}

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread yet
    return text == nullptr ? otherwise : std::stoull(text);
}

TEST_CASE("a stream without a fault is drained", "[sim]") {
    const Outcome outcome = simulate(small_scenario());
    CHECK_THAT(outcome.problems, Catch::Equals(Problems()));
    CHECK_FALSE(outcome.usage.empty());
}

TEST_CASE("fault 43, 44: each operation fails once", "[sim]") {
    fail_each(Harm::once, Survival::some);
}

// Of a failed sync the writes are in the system's memory and may never reach the disk: only a power
// cut shows whether the program took a later sync for theirs.
TEST_CASE("fault 43: each sync fails once, and after that life the power is cut", "[sim]") {
    Scenario scenario = small_scenario();
    scenario.survival = Survival::nothing;
    scenario.power_cut_after = true;
    fail_each_of(Act::sync, scenario, Harm::once);
}

TEST_CASE("fault 40: the power is cut at each operation, unsynced writes are lost or torn",
          "[sim]") {
    fail_each(Harm::power_cut, Survival::some);
}

// These take minutes: `scripts/dev sim` runs them.
TEST_CASE("fault 42, 45: each operation fails, and all of its kind after it", "[.each]") {
    fail_each(Harm::lasting, Survival::some);
    fail_each(Harm::full, Survival::some);
}

TEST_CASE("fault 38: the power is cut at each operation, and nothing is lost", "[.each]") {
    fail_each(Harm::power_cut, Survival::everything);
}

TEST_CASE("fault 40: the power is cut at each operation, and all unsynced writes are lost",
          "[.each]") {
    fail_each(Harm::power_cut, Survival::nothing);
}

TEST_CASE("faults chosen by fixed seeds", "[sim]") {
    for (std::uint64_t seed = kFixedSeed; seed < kFixedSeed + kFixedSeeds; ++seed) {
        run_seed(seed);
    }
}

// DCM_SIM_SEED begins elsewhere, DCM_SIM_RUNS says how many.
TEST_CASE("faults chosen by fresh seeds", "[sim]") {
    const std::uint64_t first = number_from_environment("DCM_SIM_SEED", std::random_device()());
    const std::uint64_t runs = number_from_environment("DCM_SIM_RUNS", kFreshSeeds);
    for (std::uint64_t seed = first; seed < first + runs; ++seed) {
        run_seed(seed);
    }
}

}  // namespace
}  // namespace dcm::sim
