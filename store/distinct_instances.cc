#include "store/distinct_instances.h"

#include "base/shown.h"
#include "store/row_statement.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

namespace dcm::store {
namespace {

constexpr const char* kSelectTwice =
    "SELECT service_type, instance_id FROM instance GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 1";

}  // namespace

void DistinctInstances::add(const billing::InstanceKey& key) {
    constexpr std::size_t odd_factor = 0x9E3779B97F4A7C15U;
    constexpr std::hash<std::string_view> hash;
    hashes_.push_back(hash(key.instance) + odd_factor * hash(key.service_type));
}

void DistinctInstances::require(soci::session& session) {
    std::sort(hashes_.begin(), hashes_.end());
    if (std::adjacent_find(hashes_.begin(), hashes_.end()) == hashes_.end()) {
        return;
    }
    // Two instances may share a hash.
    RowStatement rows(session, kSelectTwice);
    while (rows.fetch()) {
        refuse_twice({std::string(rows.text(0)), std::string(rows.text(1))});
    }
}

void refuse_twice(const billing::InstanceKey& key) {
    throw Failure(ErrorKind::malformed,
                  "projection: instance " + shown(key.service_type + '/' + key.instance) +
                      " is stored twice; run `dcm-billing rebuild`");
}

}  // namespace dcm::store
