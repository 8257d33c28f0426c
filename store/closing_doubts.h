#pragma once

#include "store/closing_scope.h"
#include "store/log_reader.h"
#include "store/present_book.h"

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

// What the log says against closing a period: gaps in the stream recorded since the last closing,
// messages that are rejected still and events that were accepted with a word of another rule book,
// both of the period or late for a closed one, and events that the projection has not taken in.
struct ClosingQuestion {
    billing::BillingPeriod period;
    const std::vector<ClosedPeriod>& closed;
    const PresentBook& book;  // that it is closed with
    ClosingScope scope;
};
[[nodiscard]] std::vector<ClosingDoubt> find_doubts(const LogReader& snapshot,
                                                    const ClosingQuestion& question);

}  // namespace dcm::store
