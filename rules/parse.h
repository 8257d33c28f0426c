#pragma once

#include "rules/rulebook.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dcm::rules {

// A file of a book, or a resource file it names, already read.
struct BookFile {
    std::string name;  // as problems and the digest name it: the path relative to the book
    std::string bytes;
};

enum class Severity { error, warning };

// One thing wrong with a book: where, what was expected, what came.
struct Problem {
    Severity severity = Severity::error;
    std::string file;
    int line = 0;    // from 1
    int column = 0;  // from 1
    std::string message;

    bool operator==(const Problem&) const = default;
};

// `file:line:column: error: message`
[[nodiscard]] std::string format_problem(const Problem& problem);

// A book that was read: the book when no problem is an error, and all problems at once.
struct ParsedBook {
    std::optional<RuleBook> book;
    std::vector<Problem> problems;
};

// The names of the resource files a book refers to, so that the shell can read them. Unreadable
// YAML gives none; parse_book tells why.
[[nodiscard]] std::vector<std::string> resource_file_names(std::span<const BookFile> book_files);

// Reads a book: its files in name order as one book, with the resource files it names. Never
// throws.
[[nodiscard]] ParsedBook parse_book(std::span<const BookFile> book_files,
                                    std::span<const BookFile> resource_files);

// The bytes whose SHA-256 is the book's digest (rulebook.md).
[[nodiscard]] std::string digest_input(std::span<const BookFile> book_files,
                                       std::span<const BookFile> resource_files);

}  // namespace dcm::rules
