#pragma once

#include "store/log_reader.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace dcm::store {

// Told how many bytes are copied and how many there are; false stops the copy.
using CopyProgress = std::function<bool(std::int64_t done, std::int64_t total)>;

// Copies the database as the snapshot sees it into an existing empty file, page by page, while a
// writer goes on: it is not held up, and what it commits meanwhile is not in the copy. False when
// `progress` stopped it. The file is not made durable here. Throws Failure (environment).
[[nodiscard]] bool copy_database(const LogReader& snapshot,
                                 const std::filesystem::path& target,
                                 const CopyProgress& progress);

}  // namespace dcm::store
