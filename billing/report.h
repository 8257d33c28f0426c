#pragma once

#include "base/result.h"
#include "billing/calendar.h"
#include "billing/names.h"
#include "billing/rated_line.h"
#include "rules/rulebook.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dcm::billing {

enum class GroupKey {
    tenant,
    provider,
    service_type,
    instance,
    meter,
    rate,
    state,
    day,
    month,
};
[[nodiscard]] std::string_view group_key_name(GroupKey key);

// `service_type,provider`; each key once. Empty text: no key, one line with everything.
[[nodiscard]] Result<std::vector<GroupKey>> parse_group_by(std::string_view text);

// Whether lines have to be cut at days for these keys (RatingBounds::by_day).
[[nodiscard]] bool needs_days(const std::vector<GroupKey>& keys);

// Chooses among lines; what is absent chooses nothing away. Amounts are never changed by it.
struct LineFilter {
    std::optional<std::string> service_type;
    std::optional<std::string> provider;
    std::optional<std::string> instance;
    std::optional<std::string> tenant;
    std::optional<std::string> state;
};

[[nodiscard]] inline bool lets_through(const std::optional<std::string>& wanted,
                                       std::string_view text) {
    return !wanted.has_value() || *wanted == text;
}
// Of anything that has the members a filter asks for.
template <typename Line>
[[nodiscard]] bool lets_through(const LineFilter& filter, const Line& line) {
    return lets_through(filter.service_type, line.service_type) &&
           lets_through(filter.provider, line.provider) &&
           lets_through(filter.instance, line.instance) &&
           lets_through(filter.tenant, line.tenant) && lets_through(filter.state, line.state);
}

struct ReportLine {
    std::vector<std::string> keys;  // as in group_by
    Decimal usage_seconds;
    Decimal billed_seconds;
    Decimal cost;
};

// What a report was computed from; absent bounds are open.
struct ReportOrigin {
    std::optional<Instant> from;
    std::optional<Instant> to;
    Instant as_of;
    std::string book_digest;  // `sha256:<hex>`
    std::int64_t log_size = 0;
    std::string log_root;  // base64
};

// A closed month, whose statements are what was billed, whatever is computed now.
struct BilledMonth {
    std::string period;
    Instant closed_at;
    std::string tenant;  // whose statement it is; empty: those of all
    // A tenant's statement, as it was rounded.
    struct Statement {
        std::string tenant;
        Decimal total;
    };
    std::vector<Statement> statements;
    Decimal total;  // of the statements
};

struct Report {
    std::string timezone;
    std::string currency;
    std::vector<GroupKey> group_by;
    std::vector<ReportLine> lines;  // sorted by their keys, as bytes
    Decimal unrated_seconds;
    Decimal total;
    Decimal total_rounded;            // half-up to the currency's minor unit
    std::vector<BilledMonth> billed;  // the closed months it shows
};

// Sums rated lines by their keys, in any order of arrival. The book outlives this.
class ReportBuilder {
public:
    ReportBuilder(const rules::RuleBook& book, std::vector<GroupKey> group_by, LineFilter filter);

    void add(const RatedLine& line);
    void add(const UnratedPiece& piece);

    [[nodiscard]] Report finish();

private:
    // What lines are summed by: the keys asked for as numbers, and the rate, because the cost of
    // all lines of one rate is one product.
    struct Cell {
        std::array<std::uint32_t, 5> names{};  // tenant, provider, service type, instance, state
        std::size_t rate = 0;
        Instant day;
        Instant month;

        bool operator==(const Cell&) const = default;
    };
    struct CellHash {
        [[nodiscard]] std::size_t operator()(const Cell& cell) const;
    };
    struct Sums {
        Int128 usage_micros = 0;
        Int128 billed_micros = 0;
        Quantity quantity;      // of lines with a unit price
        Decimal cost_in_order;  // of the others
    };

    [[nodiscard]] bool has_key(GroupKey key) const;
    [[nodiscard]] Cell cell_of(const RatedLine& line);
    [[nodiscard]] std::string key_text(GroupKey key, const Cell& cell);
    [[nodiscard]] Decimal cost_of(const Cell& cell, const Sums& sums) const;

    const rules::RuleBook& book_;
    std::vector<GroupKey> group_by_;
    LineFilter filter_;
    unsigned keys_asked_ = 0;  // a bit per GroupKey
    Calendar days_;
    Calendar months_;
    std::array<Names, 5> names_;
    std::unordered_map<Cell, Sums, CellHash> sums_;
    Int128 unrated_micros_ = 0;
};

}  // namespace dcm::billing
