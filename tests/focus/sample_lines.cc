#include "tests/focus/sample_lines.h"

namespace dcm::focus::testing {
namespace {

using billing::StatementLine;
using billing::StatementLineKind;

Instant at(std::string_view text) {
    return parse_rfc3339(text).value();
}

Decimal decimal(std::string_view text) {
    return Decimal::parse(text).value();
}

StatementLine usage_line() {
    StatementLine line;
    line.period = "2026-05";
    line.line = 7;
    line.tenant = "acme, \"north\"";
    line.provider = "kubevirt";
    line.service_type = "vm";
    line.instance = "web-1";
    line.meter = "compute";
    line.rate = "vm-compute";
    line.state = "RUNNING";
    line.charge = {at("2026-05-01T10:00:00.25Z"), at("2026-05-01T12:30:00Z")};
    line.billed = Duration{9'000 * kMicrosPerSecond};
    line.quantity = decimal("2.5");
    line.unit = "hour";
    line.unit_price = decimal("0.048");
    line.cost = decimal("0.12");
    line.currency = "EUR";
    return line;
}

StatementLine tier_line() {
    StatementLine line = usage_line();
    line.line = 8;
    line.provider = "=cmd|' /C calc'!A0";
    line.service_type = "storage";
    line.instance = "-volume";
    line.meter = "storage";
    line.rate = "storage-tiers";
    line.unit = "month";
    line.unit_price.reset();
    line.quantity = decimal("0.003472222222");
    line.cost = decimal("0.0041");
    return line;
}

StatementLine reversal_line() {
    StatementLine line = usage_line();
    line.line = 9;
    line.kind = StatementLineKind::reversal;
    line.charge = {at("2026-04-30T10:00:00Z"), at("2026-04-30T11:00:00Z")};
    line.billed = Duration{-3'600 * kMicrosPerSecond};
    line.quantity = decimal("-1");
    line.cost = decimal("-0.048");
    line.corrects = 3;
    return line;
}

StatementLine correction_line() {
    StatementLine line = reversal_line();
    line.line = 10;
    line.kind = StatementLineKind::correction;
    line.charge.end = at("2026-04-30T10:30:00Z");
    line.billed = Duration{1'800 * kMicrosPerSecond};
    line.quantity = decimal("0.5");
    line.cost = decimal("0.024");
    return line;
}

StatementLine late_line() {
    StatementLine line = correction_line();
    line.line = 11;
    line.instance = "web-2";
    line.corrects.reset();
    return line;
}

StatementLine rounding_line() {
    StatementLine line;
    line.period = "2026-05";
    line.line = 12;
    line.kind = StatementLineKind::rounding;
    line.tenant = usage_line().tenant;
    line.meter = "rounding";
    line.rate = "rounding";
    line.charge = sample_period(/*is_closed=*/true).span;
    line.cost = decimal("-0.0041");
    line.currency = "EUR";
    return line;
}

}  // namespace

std::vector<StatementLine> sample_lines() {
    return {usage_line(),
            tier_line(),
            reversal_line(),
            correction_line(),
            late_line(),
            rounding_line()};
}

ChargedPeriod sample_period(bool is_closed) {
    return {"2026-05",
            {at("2026-04-30T22:00:00Z"), at("2026-05-31T22:00:00Z")},
            "Example Cloud",
            "EUR",
            is_closed};
}

}  // namespace dcm::focus::testing
