#pragma once

#include "audit/record.h"
#include "store/log_reader.h"
#include "store/statement.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace dcm::store {

struct SeqRange {
    std::int64_t from = 0;
    std::int64_t to = 0;  // not included
};

// Rows of audit_log in order of seq, exactly as stored.
void visit_log_rows(soci::session& session,
                    SeqRange range,
                    const std::function<void(const audit::Record&)>& visit);

// The same, each with its row of audit_payload when there is one.
void visit_log_rows_and_payloads(soci::session& session,
                                 SeqRange range,
                                 const LogReader::RowVisitor& visit);

}  // namespace dcm::store
