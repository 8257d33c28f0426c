#include "audit/examined_row.h"

#include "audit/log_keys.h"

#include <utility>

namespace dcm::audit {
namespace {

// A quotation mark inside a JSON string is escaped, so this text in a body is the member itself.
constexpr std::string_view kHeadersCommit = R"("headers_commit":")";
constexpr std::size_t kCommitDigits = 2 * kHashBytes;

void add_tampered(ExaminedRow& row, std::string_view what) {
    row.findings.push_back({FindingKind::tampered,
                            row.seq,
                            "record " + std::to_string(row.seq) + ": " + std::string(what)});
}

std::optional<std::string_view> headers_commit(const Record& record) {
    if (!record.body) {
        return std::nullopt;
    }
    const std::string_view body = *record.body;
    const std::size_t at = body.find(kHeadersCommit);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    return body.substr(at + kHeadersCommit.size(), kCommitDigits);
}

void check_leaf(const Record& record, std::string_view leaf_data, ExaminedRow& row) {
    if (const auto column = unhashable_column(record)) {
        add_tampered(row, std::string(*column) + " is no UTF-8 text without the character U+0000");
    }
    if (leaf_data.size() > kLeafBytesMax) {
        add_tampered(row,
                     "expected a leaf of at most " + std::to_string(kLeafBytesMax) +
                         " bytes, got " + std::to_string(leaf_data.size()));
    }
}

void check_headers(const Record& record, const PayloadParts& parts, ExaminedRow& row) {
    const std::optional<std::string_view> commit = headers_commit(record);
    if (commit.has_value() != parts.headers.has_value()) {
        add_tampered(
            row,
            commit ? "its headers are missing" : "it commits to no headers, some lie beside it");
    } else if (commit && to_hex(sha256({*parts.salt, *parts.headers})) != *commit) {
        add_tampered(row, "its headers differ from headers_commit");
    }
}

void check_payload(const Record& record, const PayloadParts& parts, ExaminedRow& row) {
    if (!record.payload_commit) {
        if (parts.payload) {
            add_tampered(row, "a payload lies beside it, the record commits to none");
        }
        return;
    }
    if (!parts.salt || !parts.payload) {
        row.lacks_payload = true;
        return;
    }
    if (payload_commitment({*parts.salt, *parts.payload}) != *record.payload_commit) {
        add_tampered(row, "its payload differs from payload_commit");
    } else if (record.payload_len &&
               std::cmp_not_equal(*record.payload_len, parts.payload->size())) {
        add_tampered(row, "its payload has another length than payload_len");
    }
    check_headers(record, parts, row);
}

}  // namespace

ExaminedRow RowExaminer::examine(const Record& record, const PayloadParts& parts) {
    ExaminedRow row;
    row.seq = record.seq;
    row.recorded_at = record.recorded_at;
    encode_leaf(record, leaf_data_);
    row.leaf = leaf_hash(leaf_data_);
    check_leaf(record, leaf_data_, row);
    check_payload(record, parts, row);
    row.changes_key = is_key_change(record);
    if (record.kind == kPayloadRedacted) {
        const std::optional<std::int64_t> seq = parse_seq_subject(record.subject);
        if (seq && *seq < record.seq) {
            row.redacts = seq;
        }
    }
    return row;
}

}  // namespace dcm::audit
