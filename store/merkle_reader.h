#pragma once

#include "audit/hash.h"
#include "audit/proof.h"
#include "store/log_reader.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dcm::store {

// Hashes of the log's tree from its stored tiles: a proof costs a few tiles, not a pass over the
// log. What an administrator did to the tiles is in them, so whoever prints a proof verifies it
// first. Throws Failure (malformed) when a tile that the head implies is missing or has another
// length.
class MerkleReader {
public:
    // The snapshot outlives this.
    explicit MerkleReader(const LogReader& snapshot);

    // Leaves in the tree of the head.
    [[nodiscard]] std::int64_t size() const { return head_.size; }
    // The root of the tree over the first `size` leaves; at most the head's.
    [[nodiscard]] audit::Hash root(std::int64_t size);
    // What audit::inclusion_ranges and audit::consistency_ranges ask for.
    [[nodiscard]] std::vector<audit::Hash> proof(const std::vector<audit::LeafRange>& ranges);

private:
    using TilePlace = std::pair<int, std::int64_t>;  // level, index

    // The root over leaves [start, end), which form one subtree of some tree.
    [[nodiscard]] audit::Hash subtree(audit::LeafRange range);
    // The root over 2^height leaves from `start`, a multiple of that, on.
    [[nodiscard]] audit::Hash complete_subtree(std::int64_t start, int height);
    // The hash at an index of a tile level.
    [[nodiscard]] audit::Hash hash_at(int level, std::int64_t index);
    [[nodiscard]] const std::string& full_tile(const TilePlace& place);

    const LogReader& snapshot_;
    LogHead head_;
    std::map<TilePlace, std::string> tiles_;  // those read last
};

}  // namespace dcm::store
