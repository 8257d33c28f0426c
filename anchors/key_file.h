#pragma once

#include "audit/note.h"

#include <filesystem>
#include <string>

namespace dcm::anchors {

// Reads the signing key from its file. Throws Failure: environment when it cannot be read,
// malformed when it is no key, is a symbolic link, or when others than its owner can read or write
// it.
[[nodiscard]] audit::SigningKey load_key(const std::filesystem::path& path);

// The same, after making a new key under `name` (the log's origin) where there is no file yet.
[[nodiscard]] audit::SigningKey load_or_create_key(const std::filesystem::path& path,
                                                   const std::string& name);

}  // namespace dcm::anchors
