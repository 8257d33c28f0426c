#include "anchors/tree_prover.h"

#include "base/result.h"
#include "store/log_reader.h"
#include "store/merkle_reader.h"

#include <utility>

namespace dcm::anchors {

TreeProver::TreeProver(store::DatabaseUrl url) : url_(std::move(url)) {}

store::Database& TreeProver::database() {
    if (!database_) {
        database_.emplace(store::Database::open_for_reading(url_));
    }
    return *database_;
}

std::optional<audit::Hash> TreeProver::root(std::int64_t size) {
    const store::LogReader snapshot(database());
    store::MerkleReader tree(snapshot);
    return size <= tree.size() ? std::optional(tree.root(size)) : std::nullopt;
}

std::vector<audit::Hash> TreeProver::consistency(const audit::ConsistencyQuery& query) {
    const store::LogReader snapshot(database());
    store::MerkleReader tree(snapshot);
    if (query.new_size > tree.size()) {
        throw Failure(ErrorKind::environment,
                      "expected a log of at least " + std::to_string(query.new_size) +
                          " records, got " + std::to_string(tree.size()));
    }
    // The empty tree is part of every tree, and each tree of itself.
    const bool needs_none = query.old_size == 0 || query.old_size == query.new_size;
    return needs_none ? std::vector<audit::Hash>() : tree.proof(audit::consistency_ranges(query));
}

}  // namespace dcm::anchors
