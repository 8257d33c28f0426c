#pragma once

#include "rules/places.h"
#include "rules/problems.h"
#include "rules/rulebook.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dcm::rules {

// A book that was read: the book when there is no problem, else all problems at once.
struct ParsedBook {
    std::optional<RuleBook> book;
    std::vector<Problem> problems;
    BookPlaces places;  // of the book; points into the files
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
