#pragma once

#include "base/decimal.h"
#include "base/instant.h"
#include "base/zone.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::billing {

// Why a line is on a statement.
enum class StatementLineKind {
    usage,       // one rate applied to one piece of one interval in the period itself
    reversal,    // takes back a line of a closed period
    correction,  // what is right in a closed period now
    rounding,    // from the exact sum to the statement's total
};
[[nodiscard]] std::string_view statement_line_kind_name(StatementLineKind kind);
[[nodiscard]] std::optional<StatementLineKind> statement_line_kind(std::string_view name);

// One line of a tenant's statement for a billing period. Provider, service type, instance, state
// and unit are empty in a rounding line, whose meter and rate are `rounding`.
struct StatementLine {
    std::string period;     // of the statement: `2026-05`
    std::int64_t line = 0;  // counted from 1 over all statements
    StatementLineKind kind = StatementLineKind::usage;
    std::string tenant;
    std::string provider;
    std::string service_type;
    std::string instance;
    std::string meter;
    std::string rate;
    std::string state;
    Period charge;  // lies in an earlier period than the statement's in a correction
    Duration billed;
    Decimal quantity;
    std::string unit;
    std::optional<Decimal> unit_price;  // where cost is quantity × this
    Decimal cost;
    std::string currency;
    std::optional<std::int64_t> corrects;  // the line that is taken back, or that this one replaces

    bool operator==(const StatementLine&) const = default;
};

using StatementVisitor = std::function<void(const StatementLine&)>;

// What a tenant's statement for a period comes to, and which lines it has: [first_line, line_end).
struct StatementTotal {
    std::string tenant;
    Decimal total;          // exact
    Decimal total_rounded;  // half-up to the currency's minor unit: the sum of the lines
    std::int64_t first_line = 0;
    std::int64_t line_end = 0;

    bool operator==(const StatementTotal&) const = default;
};

// What a period's statements were computed from; those of an open period are what they would be,
// were it closed now.
struct StatementOrigin {
    struct Closing {
        Instant at;
        std::int64_t record = 0;                // of kind period.closed
        std::string lines_sha256;               // hex, of the lines as JSON Lines
        std::optional<std::string> checkpoint;  // the newest signed note when it was closed
    };
    std::string period;
    Period during;
    std::string timezone;
    std::string currency;
    std::string book_digest;
    std::string tzdata;
    std::int64_t log_size = 0;
    std::string log_root;            // base64
    std::optional<Instant> as_of;    // where open intervals are cut in an open period
    std::optional<Closing> closing;  // absent: open
};

// A billing month in the book's zone.
struct BillingPeriod {
    CivilDate month;
    Period during;
};
[[nodiscard]] BillingPeriod billing_period(CivilDate month, const Zone& zone);

}  // namespace dcm::billing
