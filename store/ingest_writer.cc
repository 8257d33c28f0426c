#include "store/ingest_writer.h"

#include "audit/record.h"
#include "store/book_rows.h"
#include "store/dictionaries.h"
#include "store/projection.h"

#include <utility>

namespace dcm::store {
namespace {

using billing::Verdict;

// Some fifty megabytes; whoever projects later than that reads the log.
constexpr std::size_t kAcceptedKeptMax = 131'072;

// Of a retried verdict, the subject is that of the message's own record, unless more of the message
// is understood now.
constexpr const char* kSelectEarlierEvent =
    "SELECT a.ce_source, a.ce_id,"
    " coalesce(CASE WHEN n.seq IS NOT NULL THEN json_extract(a.body, '$.subject') END,"
    " n.subject, a.subject), json_extract(a.body, '$.word') "
    "FROM audit_log AS a NOT INDEXED LEFT JOIN audit_log AS n NOT INDEXED "
    "ON a.kind = 'quarantine.retried' AND n.seq = CAST(substr(a.subject, 5) AS INTEGER) "
    "WHERE a.seq = :seq";
constexpr const char* kUpsertInUse =
    "INSERT INTO book_in_use (id, digest, lifecycle_digest) VALUES (1, :digest, :lifecycle_digest) "
    "ON CONFLICT (id) DO UPDATE SET digest = excluded.digest,"
    " lifecycle_digest = excluded.lifecycle_digest";

}  // namespace

IngestWriter::IngestWriter(soci::session& session,
                           const rules::Lifecycle& lifecycle,
                           const audit::SigningKey& key,
                           DigestOptions identity_options)
    : session_(session),
      lifecycle_(lifecycle),
      log_(session, key),
      identities_(session, kIdentityIndex, identity_options),
      ledger_(session),
      accepted_from_(log_.size()),
      select_earlier_((session.prepare << kSelectEarlierEvent,
                       soci::use(earlier_seq_, "seq"),
                       soci::into(earlier_.source),
                       soci::into(earlier_.id),
                       soci::into(earlier_.subject),
                       soci::into(earlier_.word.value, earlier_.word.state))) {}

IngestWriter::~IngestWriter() = default;

bool IngestWriter::is_current() {
    return log_.stored_size() == log_.size();
}

void IngestWriter::note_book(const IngestOptions& options, std::int64_t now) {
    if (book_is_noted_) {
        return;
    }
    session_ << kInsertBook, soci::use(options.book_digest, "digest"),
        soci::use(options.book_bytes, "bytes");
    Nullable<std::string> digest_before;
    std::string lifecycle_before;
    session_ << kSelectBookInUse, soci::into(digest_before.value, digest_before.state),
        soci::into(lifecycle_before);
    const bool has_before = session_.got_data();
    if (has_before && digest_before.value != options.book_digest) {
        audit::Record record;
        record.recorded_at = log_.record_time(now);
        record.kind = audit::kRulesetChanged;
        record.actor = options.actor;
        record.subject = options.book_digest;
        record.outcome = audit::kOutcomeDone;
        log_.append(record);
    }
    const std::string lifecycle_digest = digest_of(lifecycle_);
    if (!has_before || lifecycle_before != lifecycle_digest) {
        write_dictionaries(session_, lifecycle_);
    }
    session_ << kUpsertInUse, soci::use(options.book_digest, "digest"),
        soci::use(lifecycle_digest, "lifecycle_digest");
    book_is_noted_ = true;
}

IngestCounts IngestWriter::append(std::span<DraftedMessage> batch,
                                  const std::string& actor,
                                  std::int64_t now) {
    IngestCounts counts;
    const std::int64_t recorded_at = log_.record_time(now);
    for (DraftedMessage& draft : batch) {
        draft.record.actor = actor;
        draft.record.recorded_at = recorded_at;
        append_one(draft, counts);
    }
    identities_.lay_down(log_.size());
    ledger_.write();
    log_.write_head();
    return counts;
}

void IngestWriter::append_one(DraftedMessage& draft, IngestCounts& counts) {
    const Message& message = draft.decided.message;
    const bool is_delivery = message.position && BrokerLedger::is_of_broker(*message.position);
    const auto recorded_seq = is_delivery ? ledger_.find(*message.position) : std::nullopt;
    if (recorded_seq) {
        ledger_.found_again(*message.position, {*recorded_seq, log_.size()});
        ++counts.redelivered;
        return;
    }
    const RecordedVerdict verdict = verdict_of(draft.decided);
    set_verdict(verdict, draft.record);
    log_.append(draft.record, draft.beside, message.payload);
    const std::int64_t seq = draft.record.seq;
    if (is_delivery) {
        append_findings(ledger_.add(*message.position, seq), draft.record);
    }
    if (verdict.verdict == Verdict::accepted) {
        identities_.add({digest_, seq});
        keep_accepted(draft);
    }
    ++counts.received;
    counts.accepted += verdict.verdict == Verdict::accepted ? 1 : 0;
    counts.duplicate += verdict.verdict == Verdict::duplicate ? 1 : 0;
    counts.rejected += verdict.verdict == Verdict::rejected ? 1 : 0;
}

std::vector<RetryOutcome> IngestWriter::retry(std::span<const RetriedMessage> batch,
                                              const IngestOptions& options,
                                              std::int64_t now) {
    std::vector<RetryOutcome> outcomes;
    RecordedMessages messages(session_);
    const std::int64_t recorded_at = log_.record_time(now);
    for (const RetriedMessage& retried : batch) {
        audit::Record record;
        record.actor = options.actor;
        record.recorded_at = recorded_at;
        outcomes.push_back(retry_one(retried, messages, options, record));
    }
    identities_.lay_down(log_.size());
    log_.write_head();
    // An event that was retried stands before the records it was recorded with: memory, which goes
    // by the record's place, does not know it.
    accepted_.clear();
    accepted_from_ = log_.size();
    return outcomes;
}

RetryOutcome IngestWriter::retry_one(const RetriedMessage& retried,
                                     RecordedMessages& messages,
                                     const IngestOptions& options,
                                     audit::Record& record) {
    RetryOutcome outcome;
    outcome.seq = retried.seq;
    const auto before = messages.find(retried.seq);
    const std::string_view rejected = billing::verdict_name(Verdict::rejected);
    if (!before || before->verdict != rejected) {
        return outcome;
    }
    const RecordedVerdict verdict = verdict_of(retried.decided);
    outcome.verdict = verdict;
    // The same verdict again says nothing new (ADR 13).
    if (verdict.verdict == Verdict::rejected &&
        before->reason == billing::reason_name(*verdict.reason)) {
        return outcome;
    }
    note_book(options, record.recorded_at);
    fill_retried_record(retried.decided, {retried.seq, before->subject}, record);
    set_verdict(verdict, record);
    log_.append(record);
    outcome.recorded_at_seq = record.seq;
    if (verdict.verdict == Verdict::accepted) {
        identities_.add({digest_, record.seq});
    }
    return outcome;
}

void IngestWriter::record(std::span<const SourceFinding> findings,
                          const std::string& actor,
                          std::int64_t now) {
    audit::Record like;
    like.actor = actor;
    like.recorded_at = log_.record_time(now);
    append_findings(findings, like);
    log_.write_head();
}

void IngestWriter::append_findings(std::span<const SourceFinding> findings,
                                   const audit::Record& like) {
    for (const SourceFinding& finding : findings) {
        audit::Record record;
        record.actor = like.actor;
        record.recorded_at = like.recorded_at;
        fill_finding_record(finding, record);
        log_.append(record);
        warnings_.push_back(finding.warning);
    }
}

std::vector<std::string> IngestWriter::take_warnings() {
    return std::exchange(warnings_, {});
}

void IngestWriter::keep_accepted(const DraftedMessage& draft) {
    const std::int64_t seq = draft.record.seq;
    if (accepted_.size() == kAcceptedKeptMax) {
        accepted_.clear();
        accepted_from_ = seq;
    }
    const auto& event = std::get<billing::StatusEvent>(draft.decided.decision);
    const Message& message = draft.decided.message;
    const std::int64_t stream_seq =
        message.position ? message.position->sequence : message.stream_seq;
    accepted_.push_back({{event.service_type, event.instance},
                         {event.time, stream_seq, seq},
                         event.source,
                         event.word,
                         seq});
}

std::optional<std::vector<RecordedEvent>> IngestWriter::take_accepted(SeqRange range) {
    if (range.from < accepted_from_) {
        return std::nullopt;
    }
    std::vector<RecordedEvent> events;
    while (!accepted_.empty() && accepted_.front().order.log_seq < range.to) {
        if (accepted_.front().order.log_seq >= range.from) {
            events.push_back(std::move(accepted_.front()));
        }
        accepted_.pop_front();
    }
    accepted_from_ = range.to;
    return events;
}

RecordedVerdict IngestWriter::verdict_of(const DecidedMessage& decided) {
    if (const auto* rejection = std::get_if<billing::Rejection>(&decided.decision)) {
        return {Verdict::rejected, rejection->reason};
    }
    return judge_identity(std::get<billing::StatusEvent>(decided.decision));
}

// Rule 7. Only accepted events hold an identity, so at most one record does.
RecordedVerdict IngestWriter::judge_identity(const billing::StatusEvent& event) {
    digest_ = identities_.digest_of({event.source, event.id});
    for (const std::int64_t seq : identities_.candidates(digest_)) {
        if (!is_held_by(seq, event)) {
            continue;
        }
        const auto key = key_of_subject(earlier_.subject);
        const bool is_same =
            key && key->service_type == event.service_type && key->instance == event.instance &&
            recorded_status(lifecycle_, event.service_type, earlier_.word.value) == event.status;
        if (is_same) {
            return {Verdict::duplicate, std::nullopt};
        }
        return {Verdict::rejected, billing::Reason::id_reused};
    }
    return {Verdict::accepted, std::nullopt};
}

bool IngestWriter::is_held_by(std::int64_t seq, const billing::StatusEvent& event) {
    earlier_seq_ = seq;
    return fetch_one(select_earlier_) && earlier_.source == event.source && earlier_.id == event.id;
}

}  // namespace dcm::store
