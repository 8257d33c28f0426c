#pragma once

#include "audit/note.h"
#include "base/clock.h"
#include "base/message.h"
#include "rules/lifecycle.h"
#include "store/database.h"
#include "store/draft.h"
#include "store/event_record.h"
#include "store/source_state.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dcm::store {

struct IngestCounts {
    std::int64_t received = 0;
    std::int64_t accepted = 0;
    std::int64_t duplicate = 0;
    std::int64_t rejected = 0;
    std::int64_t redelivered = 0;  // not in received

    IngestCounts& operator+=(const IngestCounts& other);
    bool operator==(const IngestCounts&) const = default;
};

// A rejected message, decided again by rules 1–6; its payload need not be there.
struct RetriedMessage {
    std::int64_t seq = 0;
    DecidedMessage decided;
};

struct RetryOutcome {
    std::int64_t seq = 0;
    // Absent when the message's latest verdict is not `rejected` (any more): nothing was decided.
    std::optional<RecordedVerdict> verdict;
    // The new record; absent when the verdict is the one that is recorded already.
    std::optional<std::int64_t> recorded_at_seq;
};

struct IngestOptions {
    std::string actor;  // `svc:<host>/<pid>`
    // The book in force, kept under its digest; a change from the last one used is recorded.
    std::string book_digest;  // `sha256:<hex>`
    std::string book_bytes;   // rules::digest_input
    // Of all connections only that of the process that ingests writes the WAL back (database.cc).
    bool writes_back = true;
};

// The writer's end of the log. Rule 7 (identity), the audit record, the payload beside it, tree
// head and tiles go into one transaction; the projection follows the log in steps of its own.
class IngestStore {
public:
    // The database is open for writing and outlives this, as does the key, by which each batch is
    // sealed.
    IngestStore(Database& database,
                const rules::Lifecycle& lifecycle,
                const audit::SigningKey& key,
                const Clock& clock,
                IngestOptions options);
    IngestStore(const IngestStore&) = delete;
    IngestStore& operator=(const IngestStore&) = delete;
    ~IngestStore();

    // Records the batch in order, in one transaction. When it returns, every message is durable and
    // may be acknowledged. When it throws (Failure, environment) nothing of it was recorded; the
    // same call may be repeated. A message whose broker position is in the log already is counted
    // as redelivered and adds nothing. Of a draft the record is completed.
    IngestCounts append(std::span<DraftedMessage> batch);

    // Decides identity of rejected messages again and records, in one transaction and in the order
    // given, each verdict that differs from the latest one (`quarantine.retried`). May be called
    // beside another process that ingests. Throws like append().
    [[nodiscard]] std::vector<RetryOutcome> retry(std::span<const RetriedMessage> batch);

    // Holds the broker's word against what is recorded; what it shows about the stream itself is
    // recorded. Returns sequences that have no record and will not come by themselves: fetch them,
    // or tell them by record_gaps().
    [[nodiscard]] std::vector<SequenceRange> review(const SourceState& state);
    // Records each as source.gap, in one transaction, for ever: they are holes no more.
    void record_gaps(const SourceState& state, std::span<const SourceGap> gaps);
    // The stream lost its end: recorded, and what was recorded behind `same_to` accounts for
    // nothing any more. Of the stream as it is since then: as in source_ledger.h.
    void record_rewind(const StreamRewind& rewind);
    [[nodiscard]] std::vector<BrokerPosition> newest_positions(const std::string& stream) const;
    [[nodiscard]] std::optional<BrokerPosition> recorded_as(const BrokerPosition& position) const;
    // How far each stream of the name is accounted for, by this durable.
    [[nodiscard]] std::vector<AccountedStream> accounted(const DurableName& name) const;
    // For people: what was found out about the stream, and recorded, since the last call.
    [[nodiscard]] std::vector<std::string> take_warnings();

    // Records that the projection has not taken in yet.
    [[nodiscard]] std::int64_t projection_lag() const;
    // Brings the projection forward by at most `records_max` records, in one transaction.
    void project(std::int64_t records_max);

    // Leaves in the log.
    [[nodiscard]] std::int64_t log_size() const;

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace dcm::store
