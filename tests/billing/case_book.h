#pragma once

#include "billing/intervals.h"
#include "billing/rating.h"
#include "billing/report.h"
#include "rules/rulebook.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dcm::billing {

// RFC 3339, or a date at midnight UTC.
[[nodiscard]] Instant at(std::string_view text);
[[nodiscard]] Decimal decimal(std::string_view text);

// A book in EUR and UTC with the rates as YAML list items (`- id: …`), and resources.csv.
[[nodiscard]] rules::RuleBook book_with(std::string_view rates,
                                        std::string_view zone = "UTC",
                                        std::string_view resources = "");

struct Fleet {
    std::vector<std::pair<InstanceKey, std::vector<Interval>>> instances;  // in key order

    // An interval of a vm in state RUNNING at provider p; an empty end leaves it open.
    void run(std::string_view instance, std::string_view start, std::string_view end);
};

// Lines as texts, in the order they were visited:
// "instance tenant rate start/end billed_seconds quantity cost", and "instance start/end".
struct Rated {
    std::vector<std::string> lines;
    std::vector<std::string> unrated;
    Decimal total;
};
[[nodiscard]] Rated rate_fleet(const rules::RuleBook& book,
                               const Fleet& fleet,
                               const RatingBounds& bounds);

[[nodiscard]] Report report_fleet(const rules::RuleBook& book,
                                  const Fleet& fleet,
                                  std::string_view group_by,
                                  const LineFilter& filter = {});

}  // namespace dcm::billing
