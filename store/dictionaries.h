#pragma once

#include "rules/lifecycle.h"
#include "store/statement.h"

#include <string>

namespace dcm::store {

// The tables status_alias and provider_name: what a lifecycle says about words and sources, for the
// views.
void write_dictionaries(soci::session& session, const rules::Lifecycle& lifecycle);

// The first row that is not as write_dictionaries makes it, table and key; empty when there is
// none.
[[nodiscard]] std::string dictionary_difference(soci::session& session,
                                                const rules::Lifecycle& lifecycle);

}  // namespace dcm::store
