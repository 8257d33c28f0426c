#pragma once

#include <cstddef>
#include <string>

namespace dcm::rules {

// A file of a book, or a resource file it names, already read.
struct BookFile {
    std::string name;  // as problems and the digest name it: the path relative to the book
    std::string bytes;
};

// A byte of a file, which outlives it.
struct Place {
    const BookFile* file = nullptr;
    std::size_t offset = 0;
};

}  // namespace dcm::rules
