#pragma once

#include "audit/verify.h"
#include "migrations/schema_comparison.h"

#include <vector>

namespace dcm::cli {

using SchemaDifferences = std::vector<migrations::SchemaDifference>;

// On stderr. What lies beside our tables, and nothing of ours reads, is worth a look.
void warn_of_additions(const SchemaDifferences& differences);

// Whatever else differs is a finding (ADR 41).
void judge_schema(const SchemaDifferences& differences, audit::LogVerifier& verifier);

// Whether a table of ours is missing.
[[nodiscard]] bool lacks_tables(const SchemaDifferences& differences);
// Whether the tables a log consists of are all there.
[[nodiscard]] bool has_log(const SchemaDifferences& differences);

// The verdict, which tells all of them.
[[nodiscard]] audit::Verdict with_schema(audit::Verdict verdict,
                                         const SchemaDifferences& differences);

}  // namespace dcm::cli
