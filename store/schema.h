#pragma once

#include "store/database.h"

#include <optional>
#include <string>
#include <vector>

namespace dcm::store {

// One migration, applied or still to come.
struct SchemaStep {
    int version = 0;
    std::string name;
    std::optional<std::string> applied_at;  // RFC 3339
};

struct SchemaOverview {
    std::vector<SchemaStep> steps;
    std::string summary;  // one line: `schema is current`, `2 migrations to apply`, …
};

// What is applied and what is missing; changes nothing. Throws Failure like
// Database::open_for_reading, but lets an empty or older database through.
[[nodiscard]] SchemaOverview schema_overview(const DatabaseUrl& url);

}  // namespace dcm::store
