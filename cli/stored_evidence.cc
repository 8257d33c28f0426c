#include "cli/stored_evidence.h"

#include "store/checkpoint_rows.h"
#include "store/merkle_reader.h"

#include <limits>
#include <memory>
#include <utility>

namespace dcm::cli {
namespace {

// Whatever size somebody wrote beside a checkpoint.
constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();

}  // namespace

audit::StoredTree stored_tree(const store::LogReader& snapshot) {
    const store::LogHead head = snapshot.head();
    return {head.size, head.frontier, snapshot.tile_count(), head.edge, snapshot.seal()};
}

std::optional<std::vector<audit::Hash>> stored_proof(const store::LogReader& snapshot,
                                                     const audit::ConsistencyQuery& query) {
    try {
        store::MerkleReader tree(snapshot);
        if (query.new_size > tree.size()) {
            return std::nullopt;
        }
        const bool needs_none = query.old_size == 0 || query.old_size == query.new_size;
        return needs_none ? std::vector<audit::Hash>()
                          : tree.proof(audit::consistency_ranges(query));
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::malformed) {
            throw;
        }
        return std::nullopt;
    }
}

audit::StoredNotes stored_notes(const store::LogReader& snapshot,
                                std::int64_t from,
                                const std::optional<audit::LogKeys>& keys) {
    std::vector<audit::StoredNote> of_changes;
    for (const audit::KeyChange& change :
         keys ? keys->changes() : std::vector<audit::KeyChange>()) {
        const auto found = store::CheckpointRows(snapshot, change.size()).next();
        if (change.size() < from && found && found->size == change.size()) {
            of_changes.push_back({found->size, found->note});
        }
    }
    const auto rows = std::make_shared<store::CheckpointRows>(snapshot, from == 0 ? kFirst : from);
    return [rows,
            of_changes = std::move(of_changes),
            next = std::size_t{0}]() mutable -> std::optional<audit::StoredNote> {
        if (next < of_changes.size()) {
            return of_changes[next++];
        }
        const auto checkpoint = rows->next();
        return checkpoint ? std::optional(audit::StoredNote{checkpoint->size, checkpoint->note})
                          : std::nullopt;
    };
}

}  // namespace dcm::cli
