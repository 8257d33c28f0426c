#pragma once

#include "store/log_reader.h"

#include <string>
#include <vector>

namespace dcm::store {

// What in the rule books that the database keeps is not as the log says: a book under another
// digest than its own, one that no record names (the first of a log may be such a one: ADR 4), one
// in use that is not the last that came into force. Walks through the log.
[[nodiscard]] std::vector<std::string> compare_books(const LogReader& snapshot);

// The digest of a rule book as the database keeps it, `sha256:<hex>`.
[[nodiscard]] std::string book_digest(std::string_view bytes);

}  // namespace dcm::store
