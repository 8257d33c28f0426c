#pragma once

#include "billing/explanation.h"
#include "billing/report.h"
#include "rules/rulebook.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// What ties an event's record to the newest signed checkpoint: RFC 6962's audit path, in base64.
struct EventProof {
    std::string leaf_hash;
    std::vector<std::string> hashes;
};

// The newest checkpoint, and the proofs of the records it covers, by seq.
struct Evidence {
    std::int64_t size = 0;
    std::string note;
    std::map<std::int64_t, EventProof> proofs;
};

struct ExplanationContext {
    ReportOrigin origin;
    std::string timezone;
    std::optional<Evidence> evidence;
    // Resource files that are not as in the book of `origin`: the digest of the one that has them,
    // by their names.
    std::map<std::string, std::string> resource_books{};
};

// For people, within `width` columns; 0: text within 80, tables without limit.
[[nodiscard]] std::string explanation_text(const Explanation& explanation,
                                           const rules::RuleBook& book,
                                           const ExplanationContext& context,
                                           std::size_t width);
// One object.
[[nodiscard]] std::string explanation_json(const Explanation& explanation,
                                           const rules::RuleBook& book,
                                           const ExplanationContext& context);

}  // namespace dcm::billing
