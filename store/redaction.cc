#include "store/redaction.h"

#include "audit/record.h"
#include "store/log_append.h"
#include "store/log_head.h"
#include "store/row_statement.h"
#include "store/statement.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace dcm::store {
namespace {

constexpr std::string_view kRedacting = "redact a payload";
constexpr std::string_view kLookingForRedaction = "look for a redacted payload";
// A reader that is there for long is told of instead of waited for.
constexpr const char* kWaitShort = "PRAGMA busy_timeout = 1000";
constexpr const char* kEmptyLog = "PRAGMA wal_checkpoint(TRUNCATE)";
constexpr const char* kSelectCommit = "SELECT payload_commit FROM audit_log WHERE seq = :seq";
// Overwrites each value with one of its own length, so that no row moves: deleting would join pages
// and leave copies of rows that are redacted later (ADR 14). The salt of zeros says it is done.
constexpr const char* kErasePayload =
    "UPDATE audit_payload SET salt = zeroblob(32), payload = zeroblob(length(payload)),"
    " subject = CASE WHEN subject IS NOT NULL"
    " THEN printf('%*s', length(CAST(subject AS BLOB)), '') END,"
    " headers = CASE WHEN headers IS NOT NULL"
    " THEN printf('%*s', length(CAST(headers AS BLOB)), '') END "
    "WHERE seq = :seq AND salt <> zeroblob(32)";
constexpr const char* kSelectLeft =
    "SELECT seq FROM audit_payload WHERE seq = ? AND (salt <> zeroblob(32)"
    " OR payload <> zeroblob(length(payload)) OR ltrim(subject) <> '' OR ltrim(headers) <> '')";
constexpr const char* kSelectRedaction =
    "SELECT seq, coalesce(json_extract(body, '$.legal_ref'), '') FROM audit_log "
    "WHERE kind = 'payload.redacted' AND subject = :subject ORDER BY seq LIMIT 1";

bool erase_payload(soci::session& session, std::int64_t seq) {
    soci::statement statement = (session.prepare << kErasePayload, soci::use(seq, "seq"));
    statement.execute(/*withDataExchange=*/true);
    return statement.get_affected_rows() == 1;
}

// Nothing lay beside the record: says why. Looks through the log, so it must not hold the write
// lock.
RedactionOutcome explain(soci::session& session, std::int64_t seq) {
    Nullable<std::string> commit;
    session << kSelectCommit, soci::use(seq, "seq"), soci::into(commit.value, commit.state);
    RedactionOutcome outcome;
    if (!session.got_data()) {
        session << kSelectLogSize, soci::into(outcome.record);
        outcome.state = RedactionOutcome::State::no_record;
        return outcome;
    }
    const std::string subject = audit::seq_subject(seq);
    session << kSelectRedaction, soci::use(subject, "subject"), soci::into(outcome.record),
        soci::into(outcome.legal_ref);
    if (session.got_data()) {
        outcome.state = RedactionOutcome::State::done_before;
    } else {
        outcome.state = commit.get().has_value() ? RedactionOutcome::State::unaccounted
                                                 : RedactionOutcome::State::no_payload;
    }
    return outcome;
}

audit::Record record_of(const Redaction& redaction) {
    audit::Record record;
    record.kind = audit::kPayloadRedacted;
    record.subject = audit::seq_subject(redaction.seq);
    record.outcome = audit::kOutcomeDone;
    record.body = nlohmann::json{{"legal_ref", redaction.legal_ref}}.dump();
    return record;
}

// nullopt, and nothing written, when nothing lies beside the record.
std::optional<RedactionOutcome> redact_in(LogAppend& append, const Redaction& redaction) {
    if (!erase_payload(append.session(), redaction.seq)) {
        return std::nullopt;
    }
    audit::Record record = record_of(redaction);
    append.record(record);
    append.commit();
    return RedactionOutcome{RedactionOutcome::State::done, record.seq, redaction.legal_ref};
}

}  // namespace

RedactionOutcome redact(Database& database,
                        const audit::SigningKey& key,
                        const Clock& clock,
                        const Redaction& redaction) {
    return guarded(kRedacting, [&] {
        std::optional<RedactionOutcome> done;
        {
            LogAppend append(database, key, clock, {redaction.actor, std::string(kRedacting)});
            done = redact_in(append, redaction);
        }
        return done ? *done : explain(database.session(), redaction.seq);
    });
}

bool is_erased(const LogReader& snapshot, std::int64_t seq) {
    return guarded(kLookingForRedaction, [&] {
        RowStatement left(snapshot.database().session(), kSelectLeft);
        return !left.bind(seq).fetch();
    });
}

bool empty_write_ahead_log(Database& database) {
    return guarded(kRedacting, [&database] {
        migrations::run_script(database.session(), kWaitShort, kRedacting);
        int busy = 0;
        int pages = 0;
        int written = 0;
        database.session() << kEmptyLog, soci::into(busy), soci::into(pages), soci::into(written);
        return busy == 0;
    });
}

}  // namespace dcm::store
