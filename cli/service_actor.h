#pragma once

#include <string>

namespace dcm::cli {

// Who writes when no user does: `svc:<host>/<pid>`.
[[nodiscard]] std::string service_actor();

}  // namespace dcm::cli
