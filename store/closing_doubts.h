#pragma once

#include "billing/statement.h"
#include "rules/lifecycle.h"
#include "store/log_reader.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// A reason not to close a period that whoever closes it may accept by its name.
struct ClosingDoubt {
    std::string name;
    std::string detail;  // what there is, and where to look
};

inline constexpr std::string_view kDoubtGaps = "gaps";
inline constexpr std::string_view kDoubtQuarantine = "quarantine";
inline constexpr std::string_view kDoubtUnrated = "unrated";
inline constexpr std::string_view kDoubtWords = "words";
inline constexpr std::string_view kDoubtBacklog = "backlog";
inline constexpr std::string_view kDoubtProjection = "projection";
inline constexpr std::string_view kDoubtGrace = "grace";
inline constexpr std::string_view kDoubtEarly = "early";

// All names, as --accept takes them.
[[nodiscard]] std::vector<std::string> doubt_names();

// What the log says against closing a period: gaps in the stream recorded since `log_size_before`
// (where the last closing stood), messages of the period that are rejected still, its events that
// the projection has not taken in, and those that were accepted with a word of another rule book,
// which charges nothing by the lifecycle the period is closed with.
struct ClosingQuestion {
    billing::BillingPeriod period;
    std::int64_t log_size_before = 0;
    const rules::Lifecycle& lifecycle;
};
[[nodiscard]] std::vector<ClosingDoubt> find_doubts(const LogReader& snapshot,
                                                    const ClosingQuestion& question);

}  // namespace dcm::store
