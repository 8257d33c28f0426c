#include "rules/problems.h"

#include "base/nearest.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace dcm::rules {
namespace {

constexpr std::size_t kListedWordsMax = 20;

bool continues_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Walks through a file once for all its places, which come in order: a file of one long line with
// many problems would take too long otherwise.
class PlaceFinder {
public:
    explicit PlaceFinder(const BookFile& file) : file_(&file) {}

    [[nodiscard]] bool is_in(const BookFile& file) const { return file_ == &file; }

    void advance_to(std::size_t offset) {
        for (; at_ < std::min(offset, file_->bytes.size()); ++at_) {
            const char byte = file_->bytes[at_];
            if (byte == '\n') {
                ++line_;
                column_ = 1;
            } else if (!continues_character(byte)) {
                ++column_;
            }
        }
    }

    [[nodiscard]] int line() const { return line_; }
    [[nodiscard]] int column() const { return column_; }

private:
    const BookFile* file_;
    std::size_t at_ = 0;
    int line_ = 1;
    int column_ = 1;
};

}  // namespace

std::string format_problem(const Problem& problem) {
    const std::string_view severity =
        problem.severity == Severity::error ? ": error: " : ": warning: ";
    std::string text =
        problem.file + ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
    text += severity;
    return text + problem.message;
}

void Problems::add(const BookFile& file, std::size_t offset, std::string message) {
    keep({Severity::error, &file, offset, std::move(message)});
}

void Problems::warn(Place at, std::string message) {
    keep({Severity::warning, at.file, at.offset, std::move(message)});
}

void Problems::keep(Found found) {
    if (is_full()) {
        ++omitted_;
        return;
    }
    found_.push_back(std::move(found));
}

std::vector<Problem> Problems::sorted() && {
    std::stable_sort(found_.begin(), found_.end(), [](const Found& left, const Found& right) {
        return std::tie(left.file->name, left.offset) < std::tie(right.file->name, right.offset);
    });
    std::vector<Problem> problems;
    std::optional<PlaceFinder> finder;
    for (Found& each : found_) {
        if (!finder || !finder->is_in(*each.file)) {
            finder.emplace(*each.file);
        }
        finder->advance_to(each.offset);
        problems.push_back({each.severity,
                            each.file->name,
                            finder->line(),
                            finder->column(),
                            std::move(each.message)});
    }
    if (omitted_ > 0) {
        Problem last = problems.back();
        last.message = "there are " + std::to_string(omitted_) + " more problems";
        problems.push_back(std::move(last));
    }
    return problems;
}

std::string suggestion(std::string_view word, std::span<const std::string> known) {
    const std::string nearest = nearest_word(word, known);
    if (!nearest.empty()) {
        return "; did you mean " + shown(nearest) + "?";
    }
    if (known.empty() || known.size() > kListedWordsMax) {
        return {};
    }
    std::string all = "; known:";
    for (const std::string& each : known) {
        all += (&each == &known.front() ? " " : ", ") + on_one_line(each);
    }
    return all;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
    const std::vector<std::string> words(known.begin(), known.end());
    return suggestion(word, std::span<const std::string>(words));
}

}  // namespace dcm::rules
