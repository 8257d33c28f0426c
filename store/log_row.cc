#include "store/log_row.h"

#include "store/row_statement.h"

#include <array>
#include <span>
#include <string>

namespace dcm::store {
namespace {

// Not by an index: an index of somebody else's could hold what the table held once (ADR 41).
constexpr const char* kSelectRows =
    "SELECT seq, recorded_at, kind, actor, subject, tenant, ce_source, ce_id, broker_pos, outcome,"
    " reason, body, payload_commit, payload_len "
    "FROM audit_log NOT INDEXED WHERE seq >= ? AND seq <= ? ORDER BY seq";
constexpr const char* kSelectPayloads =
    "SELECT seq, salt, payload, subject, headers "
    "FROM audit_payload NOT INDEXED WHERE seq >= ? AND seq <= ? ORDER BY seq";

struct Column {
    std::string_view name;
    StorageClass storage_class;
    bool may_be_null = false;
};

// Of kSelectRows and kSelectPayloads, as migration 0001 declares them. A seq is the row's number,
// which nothing but an integer can be.
constexpr std::array kLogColumns{
    Column{"audit_log.seq", StorageClass::integer},
    Column{"audit_log.recorded_at", StorageClass::integer},
    Column{"audit_log.kind", StorageClass::text},
    Column{"audit_log.actor", StorageClass::text},
    Column{"audit_log.subject", StorageClass::text},
    Column{"audit_log.tenant", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.ce_source", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.ce_id", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.broker_pos", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.outcome", StorageClass::text},
    Column{"audit_log.reason", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.body", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.payload_commit", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_log.payload_len", StorageClass::integer, /*may_be_null=*/true},
};
constexpr std::array kPayloadColumns{
    Column{"audit_payload.seq", StorageClass::integer},
    Column{"audit_payload.salt", StorageClass::blob},
    Column{"audit_payload.payload", StorageClass::blob},
    Column{"audit_payload.subject", StorageClass::text, /*may_be_null=*/true},
    Column{"audit_payload.headers", StorageClass::text, /*may_be_null=*/true},
};

// Salt of a row that was erased (ADR 14).
const std::string kErasedSalt(32, '\0');
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

// The first of the row's columns that is stored otherwise than declared; empty when there is none.
std::string_view misstored_column(const RowStatement& row, std::span<const Column> columns) {
    int number = 0;
    for (const Column& column : columns) {
        const StorageClass found = row.storage_class(number);
        ++number;
        if (found != column.storage_class && !(found == StorageClass::null && column.may_be_null)) {
            return column.name;
        }
    }
    return {};
}

std::optional<std::string_view> text_or_null(const RowStatement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
}

// Goes through audit_payload beside the log.
class PayloadRows {
public:
    PayloadRows(soci::session& session,
                SeqRange range,
                const std::function<void(std::int64_t)>& orphan)
        : rows_(session, kSelectPayloads),
          orphan_(orphan),
          has_row_(rows_.bind(range.from).bind(range.last()).fetch()) {}

    // What lies beside the record of this seq; the seqs only grow. Rows before it have no record.
    [[nodiscard]] std::optional<BesideRow> beside(std::int64_t seq) {
        if (is_taken_) {
            next();
        }
        for (; has_row_ && rows_.number(0) < seq; next()) {
            orphan_(rows_.number(0));
        }
        is_taken_ = has_row_ && rows_.number(0) == seq;
        misstored_ = is_taken_ ? misstored_column(rows_, kPayloadColumns) : std::string_view();
        if (!is_taken_ || rows_.text(1) == kErasedSalt) {
            return std::nullopt;
        }
        return BesideRow{text_or_null(rows_, 1),
                         text_or_null(rows_, 2),
                         text_or_null(rows_, 3),
                         text_or_null(rows_, 4)};
    }
    // Of the row that beside() looked at, erased or not.
    [[nodiscard]] std::string_view misstored() const { return misstored_; }
    // After the last record.
    void finish() {
        if (is_taken_) {
            next();
        }
        for (; has_row_; next()) {
            orphan_(rows_.number(0));
        }
    }

private:
    void next() {
        is_taken_ = false;
        has_row_ = rows_.fetch();
    }

    RowStatement rows_;
    const std::function<void(std::int64_t)>& orphan_;
    bool has_row_;
    bool is_taken_ = false;  // its record has come
    std::string_view misstored_;
};

}  // namespace

void visit_log_rows(soci::session& session,
                    SeqRange range,
                    const std::function<void(const audit::Record&)>& visit) {
    audit::Record record;
    RowStatement rows(session, kSelectRows);
    rows.bind(range.from).bind(range.last());
    while (rows.fetch()) {
        read_record(rows, record);
        visit(record);
    }
}

void visit_log_rows_and_payloads(soci::session& session,
                                 SeqRange range,
                                 const RowAndPayloadVisitor& visit) {
    audit::Record record;
    PayloadRows payloads(session, range, visit.orphan);
    RowStatement rows(session, kSelectRows);
    rows.bind(range.from).bind(range.last());
    while (rows.fetch()) {
        read_record(rows, record);
        const std::optional<BesideRow> beside = payloads.beside(record.seq);
        const std::string_view misstored = misstored_column(rows, kLogColumns);
        visit.row({record, beside, misstored.empty() ? payloads.misstored() : misstored});
    }
    payloads.finish();
}

}  // namespace dcm::store
