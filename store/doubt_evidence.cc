#include "store/doubt_evidence.h"

#include "billing/event.h"
#include "store/event_record.h"
#include "store/recorded_message.h"
#include "store/statement.h"
#include "store/stored_lifecycle.h"

#include <algorithm>

namespace dcm::store {
namespace {

constexpr std::string_view kReadingDoubts = "read what is doubtful";
// The first term is that of a partial index (migration 0011). A retried verdict names its message.
constexpr const char* kSelectClamped =
    "SELECT CASE kind WHEN 'event.received' THEN seq ELSE CAST(substr(subject, 5) AS INTEGER) END "
    "FROM audit_log WHERE instr(body, '\"time_clamped\"') > 0 AND outcome = 'accepted' "
    "AND kind IN ('event.received', 'quarantine.retried')";

}  // namespace

std::vector<std::int64_t> clamped_events(const LogReader& snapshot) {
    return guarded(kReadingDoubts, [&] {
        std::vector<std::int64_t> seqs;
        RowStatement rows(snapshot.database().session(), kSelectClamped);
        while (rows.fetch()) {
            seqs.push_back(rows.number(0));
        }
        std::sort(seqs.begin(), seqs.end());
        return seqs;
    });
}

bool may_hold_other_words(const LogReader& snapshot, const rules::Lifecycle& lifecycle) {
    return guarded(kReadingDoubts,
                   [&] { return may_hold_other_words(snapshot.database().session(), lifecycle); });
}

UnknownStatuses unknown_statuses(const LogReader& snapshot, const rules::Lifecycle& lifecycle) {
    return guarded(kReadingDoubts, [&] {
        const std::string_view wanted = billing::reason_name(billing::Reason::unknown_status);
        UnknownStatuses found;
        RecordedMessages messages(snapshot.database().session());
        messages.each_rejected_first([&](const RecordedMessage& message) {
            const auto key = key_of_subject(message.subject);
            const Result<Instant> time = parse_rfc3339(message.event_time.value_or(""));
            if (message.reason != wanted || !key || !time.ok()) {
                return;
            }
            found[*key].push_back(
                {{time.value(), message.stream_seq, message.seq},
                 std::string(lifecycle.provider_of(message.source.value_or("")))});
        });
        for (auto& [key, statuses] : found) {
            std::sort(statuses.begin(), statuses.end(), [](const auto& left, const auto& right) {
                return left.order < right.order;
            });
        }
        return found;
    });
}

}  // namespace dcm::store
