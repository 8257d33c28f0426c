#include "consumer/fleet_lifecycle.h"

#include "base/check.h"

#include <array>
#include <cstdint>
#include <span>

namespace dcm::consumer {
namespace {

// A step of a life: from, to, and its weight among those from the same status.
struct Step {
    std::string_view from;
    std::string_view to;
    std::int64_t weight;
};

constexpr std::array kVm{
    Step{"", "PROVISIONING", 1},
    Step{"PROVISIONING", "RUNNING", 19},
    Step{"PROVISIONING", "ERROR", 1},
    Step{"RUNNING", "STOPPING", 10},
    Step{"RUNNING", "PAUSED", 4},
    Step{"RUNNING", "ERROR", 1},
    Step{"RUNNING", "DELETING", 3},
    Step{"STOPPING", "STOPPED", 1},
    Step{"STOPPED", "RUNNING", 8},
    Step{"STOPPED", "DELETING", 2},
    Step{"PAUSED", "RUNNING", 1},
    Step{"ERROR", "PROVISIONING", 3},
    Step{"ERROR", "DELETING", 2},
    Step{"DELETING", "DELETED", 1},
};
constexpr std::array kContainer{
    Step{"", "PENDING", 1},
    Step{"PENDING", "RUNNING", 19},
    Step{"PENDING", "FAILED", 1},
    Step{"RUNNING", "SUCCEEDED", 3},
    Step{"RUNNING", "FAILED", 2},
    Step{"RUNNING", "UNKNOWN", 1},
    Step{"RUNNING", "DELETED", 1},
    Step{"UNKNOWN", "RUNNING", 1},
    Step{"SUCCEEDED", "RUNNING", 2},
    Step{"SUCCEEDED", "DELETED", 1},
    Step{"FAILED", "PENDING", 2},
    Step{"FAILED", "DELETED", 1},
};
constexpr std::array kCluster{
    Step{"", "CREATING", 1},
    Step{"CREATING", "ACTIVE", 19},
    Step{"CREATING", "FAILED", 1},
    Step{"ACTIVE", "UPDATING", 6},
    Step{"ACTIVE", "DEGRADED", 2},
    Step{"ACTIVE", "DELETED", 1},
    Step{"UPDATING", "ACTIVE", 1},
    Step{"DEGRADED", "ACTIVE", 3},
    Step{"DEGRADED", "UNAVAILABLE", 1},
    Step{"UNAVAILABLE", "ACTIVE", 1},
    Step{"FAILED", "DELETED", 1},
};

std::span<const Step> steps_of(std::string_view service_type) {
    if (service_type == "vm") {
        return kVm;
    }
    return service_type == "container" ? std::span<const Step>(kContainer)
                                       : std::span<const Step>(kCluster);
}

}  // namespace

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): as in a lifecycle.
std::string_view next_status(std::string_view service_type,
                             std::string_view status,
                             FleetRandom& random) {
    const std::span<const Step> steps = steps_of(service_type);
    std::int64_t total = 0;
    for (const Step& step : steps) {
        total += step.from == status ? step.weight : 0;
    }
    DCM_CHECK(total > 0);
    std::int64_t left = random.below(total);
    std::string_view to;
    for (const Step& step : steps) {
        if (step.from != status) {
            continue;
        }
        to = step.to;
        if (left < step.weight) {
            break;
        }
        left -= step.weight;
    }
    return to;
}

std::string_view flap_status(std::string_view service_type) {
    if (service_type == "vm") {
        return "ERROR";
    }
    return service_type == "container" ? "FAILED" : "UNAVAILABLE";
}

}  // namespace dcm::consumer
