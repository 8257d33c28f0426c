#pragma once

#include "rules/document_writer.h"
#include "rules/rulebook.h"

#include <string>

namespace dcm::rules {

// A book resolved: defaults filled in, the lifecycle merged with the standard one, bounds as UTC
// instants, resource files with their number of entries. As YAML it is a book that means the same
// (its digest is another one, because its bytes are); as JSON it is for programs.
[[nodiscard]] std::string show_book(const RuleBook& book, DocumentStyle style);

// An instant as parse_bound reads it: RFC 3339 in UTC, with another offset only where a bound at
// either end of the calendar lies outside the years that UTC can be written in.
[[nodiscard]] std::string bound_of(Instant at);

}  // namespace dcm::rules
