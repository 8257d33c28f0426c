#include "store/stored_lifecycle.h"

#include "rules/book_files.h"
#include "rules/parse.h"
#include "store/projection.h"
#include "store/row_statement.h"

#include <utility>

namespace dcm::store {
namespace {

constexpr const char* kSelectBooksInOrder = "SELECT bytes FROM book ORDER BY digest";

std::optional<rules::Lifecycle> lifecycle_of(std::string_view bytes) {
    const rules::BookFiles files = rules::split_digest_input(bytes);
    auto parsed = rules::parse_book(files.book, files.resources);
    return parsed.book ? std::optional(std::move(parsed.book->lifecycle)) : std::nullopt;
}

}  // namespace

bool may_hold_other_words(soci::session& session, const rules::Lifecycle& lifecycle) {
    RowStatement rows(session, kSelectBooksInOrder);
    while (rows.fetch()) {
        const auto kept = lifecycle_of(rows.text(0));
        if (!kept || !lifecycle.knows_words_of(*kept)) {
            return true;
        }
    }
    return false;
}

std::optional<rules::Lifecycle> find_lifecycle(soci::session& session,
                                               const std::string& lifecycle_digest) {
    RowStatement rows(session, kSelectBooksInOrder);
    while (rows.fetch()) {
        auto lifecycle = lifecycle_of(rows.text(0));
        if (lifecycle && digest_of(*lifecycle) == lifecycle_digest) {
            return lifecycle;
        }
    }
    return std::nullopt;
}

}  // namespace dcm::store
