#include "store/closing_record.h"

#include <nlohmann/json.hpp>

namespace dcm::store {
namespace {

Decimal sum_of(const std::vector<billing::StatementTotal>& statements) {
    Decimal sum;
    for (const billing::StatementTotal& statement : statements) {
        sum += statement.total_rounded;
    }
    return sum;
}

}  // namespace

nlohmann::json closing_body(const ClosingFacts& facts) {
    const billing::StatementOrigin& origin = facts.period.origin;
    return {{"book", origin.book_digest},
            {"corrections", facts.corrections},
            {"currency", origin.currency},
            {"from", format_rfc3339(origin.during.start)},
            {"lines", facts.period.lines.end - facts.period.lines.first},
            {"lines_sha256", origin.closing->lines_sha256},
            {"log", {{"root", origin.log_root}, {"size", origin.log_size}}},
            {"statements", facts.statements.size()},
            {"timezone", origin.timezone},
            {"to", format_rfc3339(origin.during.end)},
            {"total", sum_of(facts.statements).to_string()},
            {"tzdata", origin.tzdata}};
}

}  // namespace dcm::store
