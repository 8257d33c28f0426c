#include "store/closing_record.h"

#include "billing/render_statement.h"

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

void LinesHash::add(const billing::StatementLine& line) {
    text_.clear();
    billing::append_statement_json(text_, line);
    hash_.add(text_);
}

std::string LinesHash::finish() {
    return audit::to_hex(hash_.finish());
}

bool corrects_a_month(const billing::StatementLine& line) {
    return line.kind == billing::StatementLineKind::reversal ||
           line.kind == billing::StatementLineKind::correction;
}

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
