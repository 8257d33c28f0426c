#pragma once

#include "rules/parse.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dcm::cli {

// A book's files as read from disk, with what parsing them gave.
struct LoadedBook {
    rules::ParsedBook parsed;
    std::string bytes;   // rules::digest_input
    std::string digest;  // `sha256:<hex>`
};

// Reads the book at `path` (a file or a directory; empty: the one built in) and the resource files
// it names. Throws Failure: malformed when a file is missing or too large.
[[nodiscard]] LoadedBook read_book(const std::filesystem::path& path);

// A book that is used: without errors, or Failure (malformed) with all problems.
struct Book {
    rules::RuleBook rules;
    std::string bytes;
    std::string digest;
};
[[nodiscard]] Book load_book(const std::filesystem::path& path);

}  // namespace dcm::cli
