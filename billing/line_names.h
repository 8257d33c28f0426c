#pragma once

#include "billing/names.h"
#include "billing/rated_line.h"

#include <cstdint>

namespace dcm::billing {

// The names of a line as numbers.
struct LineNumbers {
    std::uint32_t tenant = 0;
    std::uint32_t service_type = 0;
    std::uint32_t instance = 0;
    std::uint32_t provider = 0;
    std::uint32_t state = 0;
};

// The names of many lines, every kind numbered by itself: a line shares most with the one before.
struct LineNames {
    [[nodiscard]] LineNumbers numbers_of(const RatedLine& line) {
        return {.tenant = tenants.number_of(line.tenant),
                .service_type = service_types.number_of(line.service_type),
                .instance = instances.number_of(line.instance),
                .provider = providers.number_of(line.provider),
                .state = states.number_of(line.state)};
    }

    Names tenants;
    Names service_types;
    Names instances;
    Names providers;
    Names states;
};

}  // namespace dcm::billing
