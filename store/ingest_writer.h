#pragma once

#include "rules/lifecycle.h"
#include "store/broker_ledger.h"
#include "store/digest_index.h"
#include "store/event_record.h"
#include "store/ingest_store.h"
#include "store/log_row.h"
#include "store/log_writer.h"
#include "store/recorded_message.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dcm::store {

// What IngestStore keeps in memory between transactions, and the statements that go with it: all of
// it follows from the database and is thrown away when a transaction fails or somebody else
// appends.
class IngestWriter {
public:
    IngestWriter(soci::session& session,
                 const rules::Lifecycle& lifecycle,
                 const audit::SigningKey& key,
                 DigestOptions identity_options);
    IngestWriter(const IngestWriter&) = delete;
    IngestWriter& operator=(const IngestWriter&) = delete;
    ~IngestWriter();

    // Whether the log is still where this writer left it.
    [[nodiscard]] bool is_current();
    // Keeps the book; records its change from the one used last.
    void note_book(const IngestOptions& options, std::int64_t now);
    [[nodiscard]] IngestCounts append(std::span<DraftedMessage> batch,
                                      const std::string& actor,
                                      std::int64_t now);
    // Judges identity again and appends each verdict that is not the recorded one; before the first
    // of them the book, as note_book does.
    [[nodiscard]] std::vector<RetryOutcome> retry(std::span<const RetriedMessage> batch,
                                                  const IngestOptions& options,
                                                  std::int64_t now);
    // Appends what was found out about the stream.
    void record(std::span<const SourceFinding> findings,
                const std::string& actor,
                std::int64_t now);
    // For people: what the findings recorded since the last call say.
    [[nodiscard]] std::vector<std::string> take_warnings();
    [[nodiscard]] std::int64_t log_size() const { return log_.size(); }
    // The events accepted in this stretch of the log when they are all still in memory. They are
    // given away: asked again, the answer is nullopt, and the log has them.
    [[nodiscard]] std::optional<std::vector<RecordedEvent>> take_accepted(SeqRange range);

private:
    struct EarlierRow {
        std::string source;
        std::string id;
        std::string subject;
        Nullable<std::string> word;
    };

    void append_one(DraftedMessage& draft, IngestCounts& counts);
    // `record` has its time and actor.
    [[nodiscard]] RetryOutcome retry_one(const RetriedMessage& retried,
                                         RecordedMessages& messages,
                                         const IngestOptions& options,
                                         audit::Record& record);
    void keep_accepted(const DraftedMessage& draft);
    // Each with actor and time of the given record.
    void append_findings(std::span<const SourceFinding> findings, const audit::Record& like);
    [[nodiscard]] RecordedVerdict verdict_of(const DecidedMessage& decided);
    [[nodiscard]] RecordedVerdict judge_identity(const billing::StatusEvent& event);
    [[nodiscard]] bool is_held_by(std::int64_t seq, const billing::StatusEvent& event);

    soci::session& session_;
    const rules::Lifecycle& lifecycle_;
    LogWriter log_;
    DigestIndex identities_;
    BrokerLedger ledger_;
    bool book_is_noted_ = false;
    // Every event accepted since accepted_from_, in the order of recording; bounded.
    std::deque<RecordedEvent> accepted_;
    std::int64_t accepted_from_ = 0;
    std::vector<std::string> warnings_;

    Digest digest_ = 0;
    std::int64_t earlier_seq_ = 0;
    EarlierRow earlier_;
    soci::statement select_earlier_;
};

}  // namespace dcm::store
