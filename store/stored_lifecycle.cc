#include "store/stored_lifecycle.h"

#include "rules/parse.h"
#include "store/projection.h"
#include "store/row_statement.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace dcm::store {
namespace {

constexpr const char* kSelectBooks = "SELECT bytes FROM book ORDER BY digest";
constexpr std::string_view kResourceEnding = ".csv";

// The files of a book of several, from what rules::digest_input made of them: for each its name and
// size, a line each, and its bytes. Empty when the bytes are not of that form.
std::vector<rules::BookFile> files_of(std::string_view bytes) {
    std::vector<rules::BookFile> files;
    while (!bytes.empty()) {
        const std::size_t name_end = bytes.find('\n');
        const std::size_t size_end =
            name_end == std::string_view::npos ? name_end : bytes.find('\n', name_end + 1);
        if (size_end == std::string_view::npos) {
            return {};
        }
        const std::string_view digits = bytes.substr(name_end + 1, size_end - name_end - 1);
        std::size_t size = 0;
        const auto [after, fault] =
            std::from_chars(digits.data(), digits.data() + digits.size(), size);
        const std::string_view rest = bytes.substr(size_end + 1);
        const bool is_size = fault == std::errc() && after == digits.data() + digits.size();
        if (!is_size || size > rest.size()) {
            return {};
        }
        files.push_back(
            {std::string(bytes.substr(0, name_end)), std::string(rest.substr(0, size))});
        bytes = rest.substr(size);
    }
    return files;
}

std::optional<rules::Lifecycle> lifecycle_of(const std::vector<rules::BookFile>& files) {
    std::vector<rules::BookFile> book;
    std::vector<rules::BookFile> resources;
    for (const rules::BookFile& file : files) {
        (file.name.ends_with(kResourceEnding) ? resources : book).push_back(file);
    }
    auto parsed = rules::parse_book(book, resources);
    return parsed.book ? std::optional(std::move(parsed.book->lifecycle)) : std::nullopt;
}

// What a kept book may be read as: one file, or several.
std::vector<rules::Lifecycle> lifecycles_of(std::string_view bytes) {
    std::vector<rules::Lifecycle> found;
    const std::vector<rules::BookFile> one_file{{"book.yaml", std::string(bytes)}};
    for (const auto& files : {one_file, files_of(bytes)}) {
        if (auto lifecycle = lifecycle_of(files)) {
            found.push_back(std::move(*lifecycle));
        }
    }
    return found;
}

}  // namespace

bool may_hold_other_words(soci::session& session, const rules::Lifecycle& lifecycle) {
    RowStatement rows(session, kSelectBooks);
    while (rows.fetch()) {
        const std::vector<rules::Lifecycle> kept = lifecycles_of(rows.text(0));
        const bool is_known =
            !kept.empty() && std::all_of(kept.begin(), kept.end(), [&](const auto& each) {
                return lifecycle.knows_words_of(each);
            });
        if (!is_known) {
            return true;
        }
    }
    return false;
}

std::optional<rules::Lifecycle> find_lifecycle(soci::session& session,
                                               const std::string& lifecycle_digest) {
    RowStatement rows(session, kSelectBooks);
    while (rows.fetch()) {
        for (rules::Lifecycle& lifecycle : lifecycles_of(rows.text(0))) {
            if (digest_of(lifecycle) == lifecycle_digest) {
                return std::move(lifecycle);
            }
        }
    }
    return std::nullopt;
}

}  // namespace dcm::store
