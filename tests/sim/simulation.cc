#include "tests/sim/simulation.h"

#include "tests/sim/consuming_process.h"
#include "tests/sim/workload.h"
#include "tests/support/temp_dir.h"

#include <array>

namespace dcm::sim {
namespace {

namespace fs = std::filesystem;

constexpr Instant kNow{1'780'000'000LL * kMicrosPerSecond};
constexpr int kLivesMax = 60;
// About as many operations as a life of a few dozen messages has of a kind.
constexpr std::int64_t kActsMax = 150;

constexpr auto kHarms =
    std::to_array({Harm::once, Harm::lasting, Harm::full, Harm::power_cut, Harm::power_cut});

template <typename T, std::size_t Size>
T pick(const std::array<T, Size>& all, consumer::FleetRandom& random) {
    return all.at(static_cast<std::size_t>(random.below(Size)));
}

class Simulation {
public:
    explicit Simulation(const Scenario& scenario)
        : scenario_(scenario),
          random_(scenario.seed),
          disk_(folder_.path(), random_.next()),
          broker_(make_stream(scenario.messages, scenario.seed), disk_, random_.next()) {}

    Outcome run() {
        bool is_done = false;
        while (!is_done && outcome_.problems.empty() && lives_ < kLivesMax) {
            plan_fault();
            is_done = live();
            rest();
            if (!is_done) {
                look_at_rest();
            }
        }
        if (!outcome_.problems.empty()) {
            return outcome_;
        }
        if (!is_done) {
            outcome_.problems.push_back("the broker was never drained");
            return outcome_;
        }
        try {
            outcome_.problems = check_drained(database_, witness_, broker_);
            outcome_.usage = usage_of(database_);
        } catch (const Failure& failure) {
            outcome_.problems.push_back(failure.what());
        }
        return outcome_;
    }

private:
    // Whether the process ended well and nothing is left to do.
    bool live() {
        ++lives_;
        try {
            ConsumingProcess process(database_, disk_, clock_, random_);
            process.run(broker_);
            return broker_.drained();
        } catch (const Killed&) {
            return false;
        } catch (const Failure& failure) {
            // A fault of the disk is the environment's; the program would be started again.
            if (failure.kind() != ErrorKind::environment) {
                outcome_.problems.push_back(std::string("given up: ") + failure.what());
            }
            return false;
        }
    }

    // Between two lives.
    void rest() {
        const bool is_due = scenario_.power_cut_after && lives_ == 1 && disk_.was_met();
        outcome_.fault_was_met = outcome_.fault_was_met || disk_.was_met();
        if (!disk_.is_on() || is_due) {
            disk_.restore_power(scenario_.survival);
        }
        // Nobody's fault while the auditor looks; one that has not come yet would come to him.
        disk_.heal();
        broker_.redeliver_unacknowledged();
        clock_.advance(Duration{random_.below(10) * kMicrosPerSecond});
        witness_.look(database_);
    }

    void look_at_rest() {
        Problems problems = check_at_rest(database_, witness_);
        outcome_.problems.insert(outcome_.problems.end(), problems.begin(), problems.end());
    }

    void plan_fault() {
        if (scenario_.fault && lives_ == 0) {
            disk_.plan(*scenario_.fault);
        } else if (more_faults_ > 0) {
            --more_faults_;
            disk_.plan({pick(kActs, random_), 1 + random_.below(kActsMax), pick(kHarms, random_)});
        }
    }

    Scenario scenario_;
    consumer::FleetRandom random_;
    support::TempDir folder_;
    fs::path database_ = fs::canonical(folder_.path()) / "billing.db";
    Disk disk_;
    support::ManualClock clock_{kNow};
    Broker broker_;
    Witness witness_;
    Outcome outcome_;
    int lives_ = 0;
    std::int64_t more_faults_ = scenario_.more_faults;
};

}  // namespace

Outcome simulate(const Scenario& scenario) {
    return Simulation(scenario).run();
}

}  // namespace dcm::sim
