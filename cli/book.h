#pragma once

#include "rules/parse.h"

#include <filesystem>
#include <string>
#include <vector>

namespace dcm::cli {

// A book's files as read from disk, with what parsing them gave.
struct LoadedBook {
    std::vector<rules::BookFile> files;
    std::vector<rules::BookFile> resources;
    rules::ParsedBook parsed;
    std::string bytes;   // rules::digest_input
    std::string digest;  // `sha256:<hex>`
};

// Reads the book at `path` (a file or a directory; empty: the one built in) and the resource files
// it names; parsing tells which of those cannot be read. Throws Failure (malformed) when the book
// itself cannot.
[[nodiscard]] LoadedBook read_book(const std::filesystem::path& path);

// The book, or Failure (malformed) with all problems.
[[nodiscard]] const rules::RuleBook& valid_book(const LoadedBook& loaded);

// A book that is used: without errors, or Failure (malformed) with all problems.
struct Book {
    rules::RuleBook rules;
    std::string bytes;
    std::string digest;
};
[[nodiscard]] Book load_book(const std::filesystem::path& path);

}  // namespace dcm::cli
