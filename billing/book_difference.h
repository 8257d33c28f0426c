#pragma once

#include "billing/report.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace dcm::billing {

// One book's side of a comparison: where its figures come from, and what it charges in all.
struct BookSide {
    std::string book_digest;
    std::string timezone;
    std::optional<Instant> from;
    std::optional<Instant> to;
    Decimal unrated_seconds;
    Decimal total;
    Decimal total_rounded;
};

// What a tenant pays by one rate under either book; a side is absent where that book has no such
// line.
struct DifferenceLine {
    std::string tenant;
    std::string meter;
    std::string rate;
    std::optional<ReportLine> current;
    std::optional<ReportLine> candidate;
    Decimal difference;  // candidate − current
};

// What would change if the candidate priced the same history.
struct BookDifference {
    std::string currency;
    Instant as_of;
    std::int64_t log_size = 0;
    std::string log_root;
    BookSide current;
    BookSide candidate;
    std::vector<DifferenceLine> lines;  // by tenant, meter, rate, as bytes
    Decimal difference;
};

// What a report for comparing is grouped by.
[[nodiscard]] std::vector<GroupKey> difference_keys();

struct ReportWithOrigin {
    const Report& report;
    const ReportOrigin& origin;
};

// Compares two reports in one currency, over one log, grouped by difference_keys().
[[nodiscard]] BookDifference compare_reports(const ReportWithOrigin& current,
                                             const ReportWithOrigin& candidate);

// For people, within `width` columns (0: no limit), followed by the totals.
[[nodiscard]] std::string difference_text(const BookDifference& difference, std::size_t width);
[[nodiscard]] std::string difference_csv(const BookDifference& difference);
// One object.
[[nodiscard]] std::string difference_json(const BookDifference& difference);
// One object a line: the lines alone.
[[nodiscard]] std::string difference_jsonl(const BookDifference& difference);

}  // namespace dcm::billing
