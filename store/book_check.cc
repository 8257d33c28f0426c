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

#include <optional>
#include <set>
#include <utility>

namespace dcm::store {
namespace {

constexpr std::string_view kComparingBooks = "compare rule books";
constexpr std::string_view kBookPrefix = "sha256:";
// Not by an index: what is in one is not yet known to be true.
constexpr const char* kSelectNamed =
    "SELECT kind, subject, body FROM audit_log NOT INDEXED "
    "WHERE kind IN ('ruleset.changed', 'period.closed') ORDER BY seq";
constexpr const char* kSelectBooks = "SELECT digest, bytes FROM book NOT INDEXED";

struct NamedBooks {
    std::set<std::string, std::less<>> digests;
    std::optional<std::string> last_change;
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
        if (rows.text(0) == kPeriodClosed) {
            named.digests.insert(book_in(rows.text(2)));
        } else {
            named.last_change = rows.text(1);
            named.digests.insert(*named.last_change);
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
    explicit BookComparison(soci::session& session)
        : session_(session), named_(books_named_in_log(session)) {}

    std::vector<std::string> run() {
        RowStatement in_use(session_, kSelectBookInUse);
        if (in_use.fetch()) {
            in_use_ = in_use.text(0);
            in_use_lifecycle_ = in_use.text(1);
        }
        compare_stored();
        if (named_.last_change && in_use_ != *named_.last_change) {
            differ("expected the rule book " + *named_.last_change +
                   " to be in use, as was recorded last, got " + in_use_);
        }
        return std::move(differences_);
    }

private:
    void compare_stored() {
        std::vector<std::string> unnamed;
        RowStatement books(session_, kSelectBooks);
        while (books.fetch()) {
            const std::string digest(books.text(0));
            if (book_digest(books.text(1)) != digest) {
                differ("the rule book " + digest + " is not the one of that digest");
            } else if (digest == in_use_) {
                compare_lifecycle(books.text(1));
            }
            if (!named_.digests.contains(digest)) {
                unnamed.push_back(digest);
            }
        }
        if (unnamed.size() > 1) {
            differ("no record names the rule books " + unnamed[0] + " and " + unnamed[1] +
                   "; of the first one alone there is none");
        }
    }

    void compare_lifecycle(std::string_view bytes) {
        const auto lifecycle = lifecycle_digest_of(bytes);
        if (lifecycle && *lifecycle != in_use_lifecycle_) {
            differ("the rule book in use has another lifecycle than book_in_use says");
        }
    }

    void differ(std::string what) { differences_.push_back(std::move(what)); }

    soci::session& session_;
    NamedBooks named_;
    std::string in_use_;
    std::string in_use_lifecycle_;
    std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> compare_books(const LogReader& snapshot) {
    return guarded(kComparingBooks,
                   [&] { return BookComparison(snapshot.database().session()).run(); });
}

std::string book_digest(std::string_view bytes) {
    return std::string(kBookPrefix) + audit::to_hex(audit::sha256({bytes}));
}

}  // namespace dcm::store
