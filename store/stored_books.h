#pragma once

#include "rules/book_files.h"
#include "rules/rulebook.h"
#include "store/closed_periods.h"
#include "store/present_book.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// A period, and the one whose closing is looked back from: it itself or a later one.
struct Closing {
    std::size_t period = 0;
    std::size_t later = 0;
};

// The rule books that closed periods were rated with, read from the database. What a word means
// that the lifecycle of such a book does not know, says the next one that does: of the books that
// later periods were closed with, and then that of now (ADR 39).
class StoredBooks {
public:
    StoredBooks(soci::session& session,
                const std::vector<ClosedPeriod>& closed,
                const PresentBook& present);

    // Whether book_of(period) is another one now than when the last period was closed: by a
    // resource file, or by a word that it did not know.
    [[nodiscard]] bool differs_now(std::size_t period);
    // The period's book with the resource files of now. Throws Failure (malformed) when it cannot
    // be read.
    [[nodiscard]] rules::RuleBook book_of(std::size_t period);
    // The same with the resource files and words of when a later period, or it itself, was closed.
    [[nodiscard]] rules::RuleBook book_at(const Closing& closing);
    // The words of book_of(period).
    [[nodiscard]] rules::Lifecycle lifecycle_now(std::size_t period);
    // The digest of the book that gave it a word; nullopt where it knew the word, or where nobody
    // does.
    [[nodiscard]] std::optional<std::string> lender_of(const Closing& closing,
                                                       std::string_view service_type,
                                                       std::string_view word);
    // The resource files of book_at(closing) that are not as in the period's own book: the digest
    // of the first later book that has them so, by their names.
    [[nodiscard]] std::map<std::string, std::string> resource_lenders(const Closing& closing);

private:
    [[nodiscard]] bool has_new_resources(const Closing& last);
    [[nodiscard]] bool has_new_words(const Closing& last);
    [[nodiscard]] const rules::BookFiles& files_of(const std::string& digest);
    [[nodiscard]] rules::BookFiles files_at(const Closing& closing);
    [[nodiscard]] rules::RuleBook parse(std::size_t period, const rules::BookFiles& files) const;
    void add_words(const Closing& closing, rules::Lifecycle& lifecycle);
    [[nodiscard]] const rules::Lifecycle& lifecycle_of(std::size_t period);

    soci::session& session_;
    const std::vector<ClosedPeriod>& closed_;
    const PresentBook& present_;
    rules::BookFiles present_files_;
    std::map<std::string, rules::BookFiles> files_;       // by digest
    std::map<std::string, rules::Lifecycle> lifecycles_;  // by the text of the book
};

}  // namespace dcm::store
