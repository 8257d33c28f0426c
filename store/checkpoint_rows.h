#pragma once

#include "store/log_reader.h"
#include "store/row_statement.h"

#include <cstdint>
#include <optional>

namespace dcm::store {

// The stored checkpoints from a size on, one after the other by their size.
class CheckpointRows {
public:
    // The snapshot outlives this.
    CheckpointRows(const LogReader& snapshot, std::int64_t size_min);
    // nullopt after the last one.
    [[nodiscard]] std::optional<StoredCheckpoint> next();

private:
    RowStatement rows_;
};

}  // namespace dcm::store
