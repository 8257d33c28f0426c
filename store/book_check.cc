#include "store/book_check.h"

#include "audit/hash.h"
#include "audit/record.h"
#include "rules/book_files.h"
#include "rules/parse.h"
#include "store/book_rows.h"
#include "store/closing_record.h"
#include "store/projection.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kComparingBooks = "compare rule books";
constexpr std::string_view kBookPrefix = "sha256:";
// Not by an index: what is in one is not yet known to be true.
constexpr const char* kSelectNamed =
    "SELECT seq, kind, subject, body FROM audit_log NOT INDEXED "
    "WHERE kind IN ('ruleset.changed', 'period.closed') ORDER BY seq";
constexpr const char* kSelectAnyMessage =
    "SELECT seq FROM audit_log NOT INDEXED "
    "WHERE kind IN ('event.received', 'quarantine.retried') LIMIT 1";
constexpr const char* kSelectBooks = "SELECT digest, bytes FROM book NOT INDEXED";

using Digests = std::set<std::string, std::less<>>;

// A rule book that came into force in place of another.
struct BookChange {
    std::int64_t seq = 0;
    std::string digest;
};

struct NamedBooks {
    Digests digests;
    std::vector<BookChange> changes;
};

std::string book_in(std::string_view closing_body) {
    const nlohmann::json body =
        nlohmann::json::parse(closing_body, /*cb=*/nullptr, /*allow_exceptions=*/false);
    const auto book = body.is_object() ? body.find("book") : body.end();
    return book != body.end() && book->is_string() ? book->get<std::string>() : std::string();
}

NamedBooks books_named_in_log(soci::session& session) {
    NamedBooks named;
    RowStatement rows(session, kSelectNamed);
    while (rows.fetch()) {
        if (rows.text(1) == kPeriodClosed) {
            named.digests.insert(book_in(rows.text(3)));
        } else {
            named.changes.push_back({rows.number(0), std::string(rows.text(2))});
            named.digests.insert(named.changes.back().digest);
        }
    }
    return named;
}

// nullopt when this version of the program cannot read it.
std::optional<std::string> lifecycle_digest_of(std::string_view bytes) {
    const rules::BookFiles files = rules::split_digest_input(bytes);
    const auto parsed = rules::parse_book(files.book, files.resources);
    return parsed.book ? std::optional(digest_of(parsed.book->lifecycle)) : std::nullopt;
}

class BookComparison {
public:
    BookComparison(soci::session& session, const DerivedState& state)
        : session_(session), state_(state), named_(books_named_in_log(session)) {}

    BookFindings run() {
        RowStatement in_use(session_, kSelectBookInUse);
        if (in_use.fetch()) {
            in_use_ = in_use.text(0);
            in_use_lifecycle_ = in_use.text(1);
        }
        compare_stored();
        for (const std::string& digest : named_.digests) {
            require_stored(digest, "which a record names");
        }
        compare_in_use();
        compare_followed();
        return std::move(findings_);
    }

private:
    void compare_stored() {
        RowStatement books(session_, kSelectBooks);
        while (books.fetch()) {
            const std::string digest(books.text(0));
            stored_.insert(digest);
            if (book_digest(books.text(1)) != digest) {
                differ("the rule book " + digest + " is not the one of that digest");
            } else if (digest == in_use_ || !follows_in_use()) {
                compare_lifecycle(digest, lifecycle_digest_of(books.text(1)));
            }
            if (!named_.digests.contains(digest)) {
                unnamed_.push_back(digest);
            }
        }
        if (unnamed_.size() > 1) {
            differ("no record names the rule books " + unnamed_[0] + " and " + unnamed_[1] +
                   "; of the first one alone there is none");
        }
    }

    void compare_lifecycle(const std::string& digest, const std::optional<std::string>& lifecycle) {
        if (lifecycle == state_.followed) {
            followed_.insert(digest);
        }
        if (digest != in_use_) {
            return;
        }
        if (!lifecycle) {
            findings_.unproven.emplace_back(
                "this version of the program cannot read the rule book in use: what the views say "
                "by it was not compared");
        } else if (*lifecycle != in_use_lifecycle_) {
            differ("the rule book in use has another lifecycle than book_in_use says");
        }
    }

    void compare_in_use() {
        if (in_use_) {
            require_stored(*in_use_, "which is in use");
        } else if (has_messages()) {
            differ("there are messages, and no rule book is in use");
        }
        if (!named_.changes.empty() && in_use_ != named_.changes.back().digest) {
            differ("expected the rule book " + named_.changes.back().digest +
                   " to be in use, as was recorded last, got " + in_use_.value_or("none"));
        }
    }

    void compare_followed() {
        // Of messages alone is anything derived.
        const bool follows_none =
            (state_.projection_size == 0 && state_.followed.empty()) || !has_messages();
        findings_.follows_book_in_use = follows_none || follows_in_use();
        if (findings_.follows_book_in_use || was_in_use_then()) {
            return;
        }
        const bool is_named =
            std::any_of(followed_.begin(), followed_.end(), [this](const std::string& digest) {
                return named_.digests.contains(digest);
            });
        const std::string found = "instances and intervals were derived under a rule book that ";
        if (is_named) {
            findings_.unproven.push_back(found + "is not in use any more, " + *followed_.begin() +
                                         "; dcm-billing rebuild derives them again");
        } else if (!followed_.empty()) {
            differ(found + "no record names: " + *followed_.begin());
        } else {
            findings_.unproven.push_back(found + "is not kept in the database" +
                                         (is_offered()
                                              ? ", that of --rules: nothing was recorded with it"
                                              : "; give it with --rules"));
        }
    }

    [[nodiscard]] bool follows_in_use() const {
        return in_use_ && state_.followed == in_use_lifecycle_;
    }

    [[nodiscard]] bool is_offered() const {
        return state_.lifecycle && digest_of(*state_.lifecycle) == state_.followed;
    }

    // Whether the projection reaches no further than the log did when one of the books that it may
    // follow was in use: then it lags.
    [[nodiscard]] bool was_in_use_then() const {
        const std::string* before = nullptr;  // the first one may be any
        for (const BookChange& change : named_.changes) {
            const bool is_followed =
                before == nullptr ? !followed_.empty() : followed_.contains(*before);
            if (is_followed && state_.projection_size <= change.seq) {
                return true;
            }
            before = &change.digest;
        }
        return false;
    }

    [[nodiscard]] bool has_messages() {
        RowStatement message(session_, kSelectAnyMessage);
        return message.fetch();
    }

    void require_stored(const std::string& digest, const std::string& why) {
        if (!digest.empty() && !stored_.contains(digest)) {
            differ("the rule book " + digest + ", " + why + ", is not there");
        }
    }

    void differ(std::string what) { findings_.differences.push_back(std::move(what)); }

    soci::session& session_;
    const DerivedState& state_;
    NamedBooks named_;
    std::optional<std::string> in_use_;
    std::string in_use_lifecycle_;
    Digests stored_;
    Digests followed_;                  // stored, with the lifecycle that the projection follows
    std::vector<std::string> unnamed_;  // stored, in no record
    BookFindings findings_;
};

}  // namespace

BookFindings compare_books(const LogReader& snapshot, const DerivedState& state) {
    return guarded(kComparingBooks,
                   [&] { return BookComparison(snapshot.database().session(), state).run(); });
}

std::string book_digest(std::string_view bytes) {
    return std::string(kBookPrefix) + audit::to_hex(audit::sha256({bytes}));
}

}  // namespace dcm::store
