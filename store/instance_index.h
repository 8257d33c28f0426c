#pragma once

#include "billing/intervals.h"
#include "store/digest_index.h"
#include "store/row_statement.h"
#include "store/timeline_rows.h"

#include <cstdint>
#include <optional>

namespace dcm::store {

// Finds stored instances by their keys, which are random: they lie in the order of their numbers
// (ADR 40). Follows the projection's transactions.
class InstanceIndex {
public:
    explicit InstanceIndex(soci::session& session,
                           DigestOptions options = {.run_entries = 131'072});

    [[nodiscard]] std::optional<StoredInstance> find(const billing::InstanceKey& key);
    // A new instance, under the record that accepted its first event.
    void add(const billing::InstanceKey& key, std::int64_t verdict_seq);
    // The projection has followed the log so far. Lays down a run when enough is collected.
    void follow(std::int64_t log_size);
    // Whether what is stored is what this one knows: another process may have projected.
    [[nodiscard]] bool is_current();

private:
    [[nodiscard]] std::optional<StoredInstance> find_by_number(std::int64_t number,
                                                               const billing::InstanceKey& key);
    [[nodiscard]] std::optional<std::int64_t> message_retried_by(std::int64_t seq);

    soci::session& session_;
    DigestIndex index_;
    std::int64_t log_size_;
    RowStatement select_instance_;
    RowStatement select_message_;
};

}  // namespace dcm::store
