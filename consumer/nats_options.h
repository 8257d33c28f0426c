#pragma once

#include "consumer/nats_connection.h"

namespace dcm::consumer {

// The options in cnats' form, without callbacks. Throws Failure: environment for a file that cannot
// be read, malformed for one that does not hold what it should and for options that exclude each
// other.
[[nodiscard]] OptionsHandle to_cnats(const NatsOptions& options);

}  // namespace dcm::consumer
