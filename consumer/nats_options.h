#pragma once

#include "consumer/nats_connection.h"

namespace dcm::consumer {

// Whether cnats can connect to it: nats:// or tls:// or neither, perhaps user and password, a host
// and perhaps a port. What it would take for a host of an odd name is none.
[[nodiscard]] bool is_broker_url(std::string_view url);

// Throws Failure (malformed) where options exclude each other or one lacks what belongs to it.
void require_consistent(const NatsOptions& options);

// The options in cnats' form, without callbacks. Throws Failure: environment for a file that cannot
// be read, malformed for one that does not hold what it should and for options that exclude each
// other.
[[nodiscard]] OptionsHandle to_cnats(const NatsOptions& options);

}  // namespace dcm::consumer
