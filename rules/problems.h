#pragma once

#include "base/shown.h"
#include "rules/book_file.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::rules {

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

// What is wrong with a book, as it is found. The files must outlive it.
class Problems {
public:
    // More are counted and not kept; the last one says how many.
    static constexpr std::size_t kProblemsMax = 1'000;

    // At a byte of the file; one past the last byte is a place too.
    void add(const BookFile& file, std::size_t offset, std::string message);
    // What is allowed and probably a mistake.
    void warn(Place at, std::string message);

    // Whether messages are still kept, and worth making.
    [[nodiscard]] bool is_full() const { return found_.size() == kProblemsMax; }
    [[nodiscard]] bool empty() const { return found_.empty(); }
    // In the order of file and place, with lines and columns (in characters) from 1.
    [[nodiscard]] std::vector<Problem> sorted() &&;

private:
    struct Found {
        Severity severity;
        const BookFile* file;
        std::size_t offset;
        std::string message;
    };

    void keep(Found found);

    std::vector<Found> found_;
    std::size_t omitted_ = 0;
};

// How a message about an unknown word ends: the nearest known word, else all of them.
[[nodiscard]] std::string suggestion(std::string_view word, std::span<const std::string> known);
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> known);

}  // namespace dcm::rules
