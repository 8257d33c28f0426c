#pragma once

#include "audit/hash.h"
#include "audit/proof.h"
#include "store/database.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace dcm::anchors {

// What the log's tiles give about its tree, read on a connection of its own: for anchors, which
// work beside the signer. One thread at a time uses it. Every function throws Failure when the
// database cannot be read or its tiles do not fit its head.
class TreeProver {
public:
    explicit TreeProver(store::DatabaseUrl url);

    // The root of the first `size` records; nullopt when there are fewer.
    [[nodiscard]] std::optional<audit::Hash> root(std::int64_t size);
    // The proof of RFC 6962 section 2.1.2; the log has at least `new_size` records.
    [[nodiscard]] std::vector<audit::Hash> consistency(const audit::ConsistencyQuery& query);

private:
    [[nodiscard]] store::Database& database();

    store::DatabaseUrl url_;
    std::optional<store::Database> database_;
};

}  // namespace dcm::anchors
