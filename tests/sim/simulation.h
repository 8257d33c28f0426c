#pragma once

#include "tests/sim/checks.h"
#include "tests/sim/disk.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dcm::sim {

struct Scenario {
    std::uint64_t seed = 1;
    std::int64_t messages = 12;
    // In the first life.
    std::optional<Fault> fault;
    Survival survival = Survival::some;
    // After the life that met the fault the power is cut, although the process had ended by itself.
    bool power_cut_after = false;
    // So many others, chosen by the seed, one a life.
    std::int64_t more_faults = 0;
};

struct Outcome {
    Problems problems;
    std::vector<std::string> usage;
    bool fault_was_met = false;
};

// From an empty folder to the drained broker: lives of the consuming process, each ended by a
// fault, a stop or the end of the stream.
[[nodiscard]] Outcome simulate(const Scenario& scenario);

}  // namespace dcm::sim
