#pragma once

#include "consumer/nats_connection.h"

namespace dcm::consumer {

// Throws Failure (malformed) where options exclude each other or one lacks what belongs to it.
void require_consistent(const NatsOptions& options);

// The options in cnats' form to connect to one of the URLs, without callbacks. Throws Failure:
// environment for a file that cannot be read, malformed for one that does not hold what it should
// and for options that exclude each other.
[[nodiscard]] OptionsHandle to_cnats(const NatsOptions& options, const std::string& url);

}  // namespace dcm::consumer
