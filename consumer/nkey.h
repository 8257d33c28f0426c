#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace dcm::consumer {

// The public key (`U…`) of a NATS user seed (`SU…`): cnats asks for both. Pure.
[[nodiscard]] Result<std::string> nkey_public_of_seed(std::string_view seed);

}  // namespace dcm::consumer
