#pragma once

#include "audit/hash_stream.h"
#include "billing/statement.h"
#include "store/closed_periods.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

inline constexpr std::string_view kPeriodClosed = "period.closed";

// `lines_sha256`: the hash of a month's lines in their order, each as `statement show --format
// jsonl` prints it.
class LinesHash {
public:
    void add(const billing::StatementLine& line);
    // Nothing is added afterwards.
    [[nodiscard]] std::string finish();

private:
    audit::HashStream hash_;
    std::string text_;
};

// Whether a line takes an earlier month's back, or replaces it.
[[nodiscard]] bool corrects_a_month(const billing::StatementLine& line);

// What the record of a closing says (docs/formats/record.md), but for what was accepted then.
struct ClosingFacts {
    const ClosedPeriod& period;  // with the hash of its lines
    const std::vector<billing::StatementTotal>& statements;
    std::int64_t corrections = 0;  // lines
};
[[nodiscard]] nlohmann::json closing_body(const ClosingFacts& facts);

}  // namespace dcm::store
