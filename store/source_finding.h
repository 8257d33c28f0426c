#pragma once

#include "audit/record.h"
#include "base/message.h"
#include "store/source_state.h"

#include <cstdint>
#include <optional>
#include <string>

namespace dcm::store {

// Something about the stream itself that the log must tell, once: a record of kind source.gap,
// source.reset or source.divergence (docs/formats/record.md).
struct SourceFinding {
    std::string kind;
    std::string stream;
    std::string reason;
    std::string body;
    std::optional<std::string> broker_pos;
    std::string warning;  // the same for people
};

[[nodiscard]] SourceFinding gap_finding(const SourceState& state, const SourceGap& gap);

// A stream of a name under which another one was recorded.
struct Recreation {
    std::string stream;
    std::int64_t created_ns = 0;
    std::int64_t created_before_ns = 0;
};
[[nodiscard]] SourceFinding recreation_finding(const Recreation& recreation);

[[nodiscard]] SourceFinding rewind_finding(const StreamRewind& rewind, std::int64_t recorded_to);

// A sequence that came again with another message; the first one's record is `recorded_seq`.
[[nodiscard]] SourceFinding divergence_finding(const BrokerPosition& position,
                                               std::int64_t recorded_seq);

// Fills the columns that follow from the finding; seq, recorded_at and actor are the log's.
void fill_finding_record(const SourceFinding& finding, audit::Record& record);

}  // namespace dcm::store
