#pragma once

#include "rules/book_file.h"

#include <span>
#include <string_view>
#include <vector>

namespace dcm::rules {

// The files of a book, and the resource files it names.
struct BookFiles {
    std::vector<BookFile> book;
    std::vector<BookFile> resources;
};

// Takes apart what digest_input made of a book's files. The name of an only file is not in it: it
// reads as `book.yaml`.
[[nodiscard]] BookFiles split_digest_input(std::string_view input);

// The book's own files with present resource files: each resource it names is the one of that name
// in `present`, or, where there is none, the one it was kept with.
[[nodiscard]] BookFiles with_resources(const BookFiles& kept, std::span<const BookFile> present);

}  // namespace dcm::rules
