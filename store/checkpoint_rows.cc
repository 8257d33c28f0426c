#include "store/checkpoint_rows.h"

#include "store/statement.h"

namespace dcm::store {
namespace {

constexpr std::string_view kReadingCheckpoints = "read the checkpoints";
constexpr const char* kSelectCheckpointsFrom =
    "SELECT size, note FROM audit_checkpoint NOT INDEXED WHERE size >= ? ORDER BY size";

}  // namespace

CheckpointRows::CheckpointRows(const LogReader& snapshot, std::int64_t size_min)
    : rows_(snapshot.database().session(), kSelectCheckpointsFrom) {
    rows_.bind(size_min);
}

std::optional<StoredCheckpoint> CheckpointRows::next() {
    return guarded(kReadingCheckpoints, [this]() -> std::optional<StoredCheckpoint> {
        if (!rows_.fetch()) {
            return std::nullopt;
        }
        return StoredCheckpoint{rows_.number(0), std::string(rows_.text(1))};
    });
}

}  // namespace dcm::store
