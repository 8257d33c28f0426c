#pragma once

#include "audit/record.h"
#include "store/log_reader.h"
#include "store/statement.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace dcm::store {

struct SeqRange {
    std::int64_t from = 0;
    // Not included; the greatest number is no end, and a row of that number is included.
    std::int64_t to = 0;

    [[nodiscard]] std::int64_t last() const {
        return to == std::numeric_limits<std::int64_t>::max() ? to : to - 1;
    }
};

// Rows of audit_log in order of seq, exactly as stored.
void visit_log_rows(soci::session& session,
                    SeqRange range,
                    const std::function<void(const audit::Record&)>& visit);

// What lies beside a row, as views that are valid until the visitor returns. Erased rows are
// absent.
struct BesideRow {
    std::optional<std::string_view> salt;
    std::optional<std::string_view> payload;
    std::optional<std::string_view> subject;
    std::optional<std::string_view> headers;
};

struct RowAndPayload {
    const audit::Record& record;
    const std::optional<BesideRow>& beside;
    // The first column of either that is not of the storage class its table declares, as
    // `audit_log.kind`; empty when there is none. Only a schema that was changed lets that happen.
    std::string_view misstored;
};

struct RowAndPayloadVisitor {
    std::function<void(const RowAndPayload&)> row;
    // The seq of a row of audit_payload, erased or not, that has no record.
    std::function<void(std::int64_t)> orphan = [](std::int64_t) {};
};

// The same, each with its row of audit_payload when there is one: both tables are read once and in
// order.
void visit_log_rows_and_payloads(soci::session& session,
                                 SeqRange range,
                                 const RowAndPayloadVisitor& visit);

}  // namespace dcm::store
