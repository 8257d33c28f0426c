#pragma once

#include "cli/config.h"
#include "consumer/nats_connection.h"

namespace dcm::cli {

// The configuration in the consumer's words.
[[nodiscard]] consumer::NatsOptions nats_options(const NatsConfig& config);

}  // namespace dcm::cli
