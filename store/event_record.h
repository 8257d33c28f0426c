#pragma once

#include "audit/record.h"
#include "base/message.h"
#include "billing/event.h"
#include "billing/intervals.h"
#include "store/draft.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// The longest word a record carries; a lifecycle has none that is longer. With it, and the limits
// of rule 4, every leaf stays below audit::kLeafBytesMax.
inline constexpr std::size_t kWordBytesMax = 1'024;

inline constexpr std::size_t kSaltBytes = 32;

struct RecordedVerdict {
    billing::Verdict verdict = billing::Verdict::accepted;
    std::optional<billing::Reason> reason;
};

// A NATS subject as text: a backslash is doubled, and a byte that is not part of well-formed UTF-8,
// or is NUL, becomes `\xHH`. Reversible.
[[nodiscard]] std::string text_of_subject(std::string_view subject);

// Headers as JSON text: an object in order of first appearance, a repeated name with a list of its
// values. Where a name or value is not UTF-8: a list of [name, value] pairs in base64.
[[nodiscard]] std::string text_of_headers(const std::vector<Header>& headers);

// Fills the columns of an `event.received` record that follow from the message and what lies beside
// it; seq, recorded_at, actor and verdict are the log's (docs/formats/record.md).
void fill_event_record(const DecidedMessage& decided,
                       const PayloadRow& beside,
                       audit::Record& record);
void set_verdict(const RecordedVerdict& verdict, audit::Record& record);

// Fills the columns of a `quarantine.retried` record that follow from what the message is taken for
// now. `subject` is what its own record is about; the body says where that is another thing now.
struct RetriedRecord {
    std::int64_t seq = 0;
    std::string subject;
};
void fill_retried_record(const DecidedMessage& decided,
                         const RetriedRecord& own,
                         audit::Record& record);

// An accepted event as the log tells it: what intervals are derived from, under any lifecycle.
struct RecordedEvent {
    billing::InstanceKey key;
    billing::EventOrder order;
    std::string source;
    std::string word;
    // Of the record that accepted it, which is a later one than its own where the verdict was
    // retried; 0 where the event is read from the projection, which does not know.
    std::int64_t verdict_seq = 0;
};

// What a lifecycle makes of it. A word it does not know (the book changed) stays a status of its
// own.
[[nodiscard]] billing::AcceptedEvent accepted_event(const RecordedEvent& event,
                                                    const rules::Lifecycle& lifecycle);

// The status a recorded word has under a lifecycle, or the word itself.
[[nodiscard]] std::string_view recorded_status(const rules::Lifecycle& lifecycle,
                                               std::string_view service_type,
                                               std::string_view word);

// `vm/i-1` taken apart; nullopt when the record is not about one instance.
[[nodiscard]] std::optional<billing::InstanceKey> key_of_subject(std::string_view subject);

// The stream sequence in a broker_pos, counted from its end: a stream may have any name. 0 when the
// text is none.
[[nodiscard]] std::int64_t sequence_of_position(std::string_view broker_pos);

}  // namespace dcm::store
