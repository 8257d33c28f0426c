#pragma once

#include "store/rebuild_check.h"

#include <string>
#include <vector>

namespace dcm::store {

struct BookFindings {
    // What is not as the log says: a book that is not there, or under another digest than its own,
    // one that no record names (the first of a log may be such a one: ADR 4), one in use that is
    // not the last that came into force, one that the projection follows and that was never in use.
    std::vector<std::string> differences;
    // What the projection follows, or the views go by, and nothing here can vouch for.
    std::vector<std::string> unproven;
    bool follows_book_in_use = true;
};

// Holds the rule books that the database keeps against the log. Walks through it.
[[nodiscard]] BookFindings compare_books(const LogReader& snapshot, const DerivedState& state);

// The digest of a rule book as the database keeps it, `sha256:<hex>`.
[[nodiscard]] std::string book_digest(std::string_view bytes);

}  // namespace dcm::store
