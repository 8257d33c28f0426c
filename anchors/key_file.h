#pragma once

#include "audit/note.h"

#include <filesystem>
#include <string>

namespace dcm::anchors {

// Reads the signing key from its file. Throws Failure: environment when it cannot be read,
// malformed when it is no key, is a symbolic link, or when others than its owner can read or write
// it.
[[nodiscard]] audit::SigningKey load_key(const std::filesystem::path& path);

// Makes a new key under `name`, the log's origin, in a file that only its owner can read. Throws
// Failure (environment) when there is a file, or a link, already: a key is never overwritten.
audit::SigningKey create_key(const std::filesystem::path& path, const std::string& name);

// Reads the key, after making a new one where there is no file yet.
[[nodiscard]] audit::SigningKey load_or_create_key(const std::filesystem::path& path,
                                                   const std::string& name);

}  // namespace dcm::anchors
