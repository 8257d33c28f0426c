#pragma once

#include <string>

namespace dcm::store {

// The release of the time zone database in use, such as `2025b`: as the system's files tell it,
// else as the library does.
[[nodiscard]] std::string tzdata_version();

}  // namespace dcm::store
