#include "store/log_row.h"

#include "store/row_statement.h"

namespace dcm::store {
namespace {

constexpr const char* kSelectRows =
    "SELECT seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome,"
    " reason, body, payload_commit, payload_len "
    "FROM audit_log WHERE seq >= ? AND seq < ? ORDER BY seq";
constexpr const char* kSelectRowsAndPayloads =
    "SELECT l.seq, l.recorded_at, l.kind, l.actor, l.subject, l.tenant, l.ce_source, l.ce_id,"
    " l.broker_pos, l.outcome, l.reason, l.body, l.payload_commit, l.payload_len,"
    " p.seq, p.salt, p.payload, p.subject, p.headers "
    "FROM audit_log AS l LEFT JOIN audit_payload AS p"
    " ON p.seq = l.seq AND p.salt <> zeroblob(32) "
    "WHERE l.seq >= ? AND l.seq < ? ORDER BY l.seq";

constexpr int kRecordColumns = 14;

// NULL in a column that never is one reads as empty.
void read_record(const RowStatement& row, audit::Record& record) {
    record.seq = row.number(0);
    record.recorded_at = row.number(1);
    row.copy_to(record.kind, 2);
    row.copy_to(record.actor, 3);
    row.copy_to(record.subject, 4);
    row.copy_to(record.tenant, 5);
    row.copy_to(record.ce_source, 6);
    row.copy_to(record.ce_id, 7);
    row.copy_to(record.broker_pos, 8);
    row.copy_to(record.outcome, 9);
    row.copy_to(record.reason, 10);
    row.copy_to(record.body, 11);
    row.copy_to(record.payload_commit, 12);
    row.copy_to(record.payload_len, 13);
}

std::optional<StoredPayload> read_payload(const RowStatement& row) {
    if (row.is_null(kRecordColumns)) {
        return std::nullopt;
    }
    StoredPayload payload;
    payload.seq = row.number(kRecordColumns);
    row.copy_to(payload.salt, kRecordColumns + 1);
    row.copy_to(payload.payload, kRecordColumns + 2);
    row.copy_to(payload.subject, kRecordColumns + 3);
    row.copy_to(payload.headers, kRecordColumns + 4);
    return payload;
}

}  // namespace

void visit_log_rows(soci::session& session,
                    SeqRange range,
                    const std::function<void(const audit::Record&)>& visit) {
    audit::Record record;
    RowStatement rows(session, kSelectRows);
    rows.bind(range.from).bind(range.to);
    while (rows.fetch()) {
        read_record(rows, record);
        visit(record);
    }
}

void visit_log_rows_and_payloads(soci::session& session,
                                 SeqRange range,
                                 const LogReader::RowVisitor& visit) {
    audit::Record record;
    RowStatement rows(session, kSelectRowsAndPayloads);
    rows.bind(range.from).bind(range.to);
    while (rows.fetch()) {
        read_record(rows, record);
        visit(record, read_payload(rows));
    }
}

}  // namespace dcm::store
