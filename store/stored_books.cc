#include "store/stored_books.h"

#include "base/check.h"
#include "rules/parse.h"
#include "store/book_rows.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <algorithm>
#include <utility>

namespace dcm::store {
namespace {

bool is_same(const rules::BookFile& left, const rules::BookFile& right) {
    return left.name == right.name && left.bytes == right.bytes;
}

}  // namespace

StoredBooks::StoredBooks(soci::session& session,
                         const std::vector<ClosedPeriod>& closed,
                         const PresentBook& present)
    : session_(session),
      closed_(closed),
      present_(present),
      present_files_(rules::split_digest_input(present.bytes)) {}

bool StoredBooks::differs_now(std::size_t period) {
    const bool is_one_book = std::all_of(
        closed_.begin() + static_cast<std::ptrdiff_t>(period),
        closed_.end(),
        [this](const ClosedPeriod& later) { return later.origin.book_digest == present_.digest; });
    const Closing last{period, closed_.size() - 1};
    return !is_one_book && (has_new_resources(last) || has_new_words(last));
}

bool StoredBooks::has_new_resources(const Closing& last) {
    const rules::BookFiles before = files_at(last);
    const rules::BookFiles now = rules::with_resources(before, present_files_.resources);
    return !std::equal(before.resources.begin(),
                       before.resources.end(),
                       now.resources.begin(),
                       now.resources.end(),
                       is_same);
}

bool StoredBooks::has_new_words(const Closing& last) {
    rules::Lifecycle before = lifecycle_of(last.period);
    add_words(last, before);
    return lifecycle_now(last.period) != before;
}

rules::Lifecycle StoredBooks::lifecycle_now(std::size_t period) {
    rules::Lifecycle lifecycle = lifecycle_of(period);
    add_words({period, closed_.size() - 1}, lifecycle);
    lifecycle.add_words_of(present_.rules.lifecycle);
    return lifecycle;
}

rules::RuleBook StoredBooks::book_of(std::size_t period) {
    const Closing last{period, closed_.size() - 1};
    rules::RuleBook book =
        parse(period, rules::with_resources(files_at(last), present_files_.resources));
    add_words(last, book.lifecycle);
    book.lifecycle.add_words_of(present_.rules.lifecycle);
    return book;
}

rules::RuleBook StoredBooks::book_at(const Closing& closing) {
    rules::RuleBook book = parse(closing.period, files_at(closing));
    add_words(closing, book.lifecycle);
    return book;
}

std::optional<std::string> StoredBooks::lender_of(const Closing& closing,
                                                  std::string_view service_type,
                                                  std::string_view word) {
    for (std::size_t period = closing.period; period <= closing.later; ++period) {
        if (lifecycle_of(period).status_of(service_type, word)) {
            return period == closing.period ? std::nullopt
                                            : std::optional(closed_[period].origin.book_digest);
        }
    }
    return std::nullopt;
}

std::map<std::string, std::string> StoredBooks::resource_lenders(const Closing& closing) {
    std::map<std::string, std::string> lenders;
    for (const rules::BookFile& file : files_at(closing).resources) {
        const auto has_it = [&](const ClosedPeriod& period) {
            const auto& files = files_of(period.origin.book_digest).resources;
            return std::any_of(files.begin(), files.end(), [&file](const rules::BookFile& other) {
                return is_same(file, other);
            });
        };
        const auto first = std::find_if(
            closed_.begin() + static_cast<std::ptrdiff_t>(closing.period), closed_.end(), has_it);
        DCM_CHECK(first != closed_.end());
        if (first != closed_.begin() + static_cast<std::ptrdiff_t>(closing.period)) {
            lenders.emplace(file.name, first->origin.book_digest);
        }
    }
    return lenders;
}

// The first book that knows a word says what it means, so that later ones correct nothing.
void StoredBooks::add_words(const Closing& closing, rules::Lifecycle& lifecycle) {
    for (std::size_t later = closing.period + 1; later <= closing.later; ++later) {
        if (closed_[later].origin.book_digest != closed_[later - 1].origin.book_digest) {
            lifecycle.add_words_of(lifecycle_of(later));
        }
    }
}

// A book of which only resource files changed is not read again.
const rules::Lifecycle& StoredBooks::lifecycle_of(std::size_t period) {
    const rules::BookFiles& files = files_of(closed_[period].origin.book_digest);
    const auto [found, is_new] = lifecycles_.try_emplace(rules::digest_input(files.book, {}));
    if (is_new) {
        found->second = parse(period, files).lifecycle;
    }
    return found->second;
}

rules::RuleBook StoredBooks::parse(std::size_t period, const rules::BookFiles& files) const {
    auto parsed = rules::parse_book(files.book, files.resources);
    if (!parsed.book) {
        std::string message = "expected the rule book that " + closed_[period].origin.period +
                              " was closed with, and its resource files:";
        for (const rules::Problem& problem : parsed.problems) {
            message += "\n  " + rules::format_problem(problem);
        }
        throw Failure(ErrorKind::malformed, message);
    }
    parsed.book->zone = zone_as_closed(closed_, parsed.book->zone);
    return *std::move(parsed.book);
}

const rules::BookFiles& StoredBooks::files_of(const std::string& digest) {
    const auto [found, is_new] = files_.try_emplace(digest);
    if (is_new) {
        RowStatement rows(session_, kSelectBook);
        rows.bind(digest);
        while (rows.fetch()) {
            found->second = rules::split_digest_input(rows.text(0));
        }
    }
    return found->second;
}

// Each resource file as the newest book from the period on had it.
rules::BookFiles StoredBooks::files_at(const Closing& closing) {
    const rules::BookFiles& own = files_of(closed_[closing.period].origin.book_digest);
    rules::BookFiles files = rules::with_resources(own, own.resources);
    for (std::size_t later = closing.period + 1; later <= closing.later; ++later) {
        if (closed_[later].origin.book_digest != closed_[later - 1].origin.book_digest) {
            files =
                rules::with_resources(files, files_of(closed_[later].origin.book_digest).resources);
        }
    }
    return files;
}

}  // namespace dcm::store
