#pragma once

#include "base/message.h"
#include "store/source_finding.h"
#include "store/source_state.h"
#include "store/statement.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace dcm::store {

// Of one review: what is to be recorded now, and which sequences nobody accounts for.
struct SourceReview {
    std::vector<SourceFinding> findings;
    std::vector<SequenceRange> holes;
};

// What was found out about the broker (migration 0009). The functions run in the caller's write
// transaction, together with the records of what they return.

// Remembers the stream; a finding when another one of that name is known.
[[nodiscard]] std::optional<SourceFinding> note_stream(soci::session& session,
                                                       const std::string& stream,
                                                       std::int64_t created_ns);

[[nodiscard]] std::vector<AccountedStream> accounted_streams(soci::session& session,
                                                             const std::string& stream,
                                                             const std::string& durable);

// What the stream must still hold, unless it was deleted there: the newest message recorded of the
// stream as it is since it last lost its end, and some before it, ever farther apart; of each
// stream of the name, the newest first.
[[nodiscard]] std::vector<BrokerPosition> newest_positions(soci::session& session,
                                                           const std::string& stream);
// What is recorded of a sequence since the stream last lost it. `stored_ns` is not looked at.
[[nodiscard]] std::optional<BrokerPosition> recorded_as(soci::session& session,
                                                        const BrokerPosition& position);
// From now on what is recorded behind `same_to` accounts for nothing.
[[nodiscard]] SourceFinding note_rewind(soci::session& session, const StreamRewind& rewind);

// Holds the broker's word against the ledger of positions. No holes when other members share the
// durable: what they record is not known here.
[[nodiscard]] SourceReview review_source(soci::session& session, const SourceState& state);

// Remembers that the gap is told.
void keep_gap(soci::session& session, const SourceState& state, const SourceGap& gap);

// The position under which a record came, if it came from a broker.
inline constexpr const char* kSelectBrokerPosition =
    "SELECT broker_pos FROM audit_log WHERE seq = :seq";

}  // namespace dcm::store
