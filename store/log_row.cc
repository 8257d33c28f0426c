#include "store/log_row.h"

namespace dcm::store {
namespace {

constexpr const char* kSelectRows =
    "SELECT seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome,"
    " reason, body, payload_commit, payload_len "
    "FROM audit_log WHERE seq >= :from AND seq < :to ORDER BY seq";
constexpr const char* kSelectRowsAndPayloads =
    "SELECT l.seq, l.recorded_at, l.kind, l.actor, l.subject, l.tenant, l.ce_source, l.ce_id,"
    " l.broker_pos, l.outcome, l.reason, l.body, l.payload_commit, l.payload_len,"
    " p.seq, p.salt, p.payload, p.subject, p.headers "
    "FROM audit_log AS l LEFT JOIN audit_payload AS p ON p.seq = l.seq "
    "WHERE l.seq >= :from AND l.seq < :to ORDER BY l.seq";

// The columns as fetched; NULL in a column that never is one reads as empty.
struct FetchedRow {
    audit::Record record;
    soci::indicator unused = soci::i_ok;
    Nullable<std::string> tenant;
    Nullable<std::string> ce_source;
    Nullable<std::string> ce_id;
    Nullable<std::string> broker_pos;
    Nullable<std::string> reason;
    Nullable<std::string> body;
    Nullable<std::string> payload_commit;
    Nullable<std::int64_t> payload_len;
    Nullable<std::int64_t> beside_seq;
    Nullable<std::string> salt;
    Nullable<std::string> payload;
    Nullable<std::string> subject;
    Nullable<std::string> headers;

    void finish() {
        record.tenant = tenant.get();
        record.ce_source = ce_source.get();
        record.ce_id = ce_id.get();
        record.broker_pos = broker_pos.get();
        record.reason = reason.get();
        record.body = body.get();
        record.payload_commit = payload_commit.get();
        record.payload_len = payload_len.get();
    }
    [[nodiscard]] std::optional<StoredPayload> beside() const {
        if (beside_seq.state != soci::i_ok) {
            return std::nullopt;
        }
        return StoredPayload{
            beside_seq.value, salt.get(), payload.get(), subject.get(), headers.get()};
    }
};

template <typename T>
auto into(Nullable<T>& column) {
    return soci::into(column.value, column.state);
}

void bind_record(soci::details::prepare_temp_type& query, FetchedRow& row) {
    query, soci::into(row.record.seq), soci::into(row.record.recorded_at),
        soci::into(row.record.kind, row.unused), soci::into(row.record.actor, row.unused),
        soci::into(row.record.subject, row.unused), into(row.tenant), into(row.ce_source),
        into(row.ce_id), into(row.broker_pos), soci::into(row.record.outcome, row.unused),
        into(row.reason), into(row.body), into(row.payload_commit), into(row.payload_len);
}

}  // namespace

void visit_log_rows(soci::session& session,
                    SeqRange range,
                    const std::function<void(const audit::Record&)>& visit) {
    FetchedRow row;
    auto query = session.prepare << kSelectRows;
    bind_record(query, row);
    query, soci::use(range.from, "from"), soci::use(range.to, "to");
    soci::statement statement(query);
    statement.execute();
    while (statement.fetch()) {
        row.finish();
        visit(row.record);
    }
}

void visit_log_rows_and_payloads(soci::session& session,
                                 SeqRange range,
                                 const LogReader::RowVisitor& visit) {
    FetchedRow row;
    auto query = session.prepare << kSelectRowsAndPayloads;
    bind_record(query, row);
    query, into(row.beside_seq), into(row.salt), into(row.payload), into(row.subject),
        into(row.headers), soci::use(range.from, "from"), soci::use(range.to, "to");
    soci::statement statement(query);
    statement.execute();
    while (statement.fetch()) {
        row.finish();
        visit(row.record, row.beside());
    }
}

}  // namespace dcm::store
