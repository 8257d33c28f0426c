#pragma once

#include "consumer/fleet_random.h"

#include <string_view>

namespace dcm::consumer {

// Where the life of a synthetic instance goes from a status; empty is its beginning. Pure.
[[nodiscard]] std::string_view next_status(std::string_view service_type,
                                           std::string_view status,
                                           FleetRandom& random);

// The status an instance falls into and gets out of within milliseconds.
[[nodiscard]] std::string_view flap_status(std::string_view service_type);

inline constexpr std::string_view kDeletedStatus = "DELETED";

}  // namespace dcm::consumer
