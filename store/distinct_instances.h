#pragma once

#include "billing/intervals.h"
#include "store/statement.h"

#include <cstddef>
#include <vector>

namespace dcm::store {

// Sees that no instance is stored twice, which would be billed twice. Nothing in the schema
// prevents it: what finds an instance are filters (ADR 40), and a damaged one says "not there".
class DistinctInstances {
public:
    void add(const billing::InstanceKey& key);
    // Once all were added. Throws Failure (malformed) with the instance that is there twice.
    void require(soci::session& session);

private:
    std::vector<std::size_t> hashes_;
};

// The same for one instance after the other in the order of their keys.
[[noreturn]] void refuse_twice(const billing::InstanceKey& key);

}  // namespace dcm::store
