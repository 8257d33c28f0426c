#pragma once

#include "billing/intervals.h"
#include "store/row_statement.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace dcm::store {

struct StoredInstance {
    std::int64_t instance_no = 0;
    billing::InstanceKey key;
    billing::InstanceSummary summary;
};

// SELECT … FROM instance, and whatever follows; its rows are for read_instance.
[[nodiscard]] std::string select_instances(std::string_view what_follows);
// Into a buffer that is kept.
void read_instance(const RowStatement& row, StoredInstance& instance);

// The same for the table interval.
[[nodiscard]] std::string select_intervals(std::string_view what_follows);
[[nodiscard]] billing::Interval read_interval(const RowStatement& row);
[[nodiscard]] std::int64_t instance_no_of_interval(const RowStatement& row);

}  // namespace dcm::store
