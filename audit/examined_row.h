#pragma once

#include "audit/hash.h"
#include "audit/record.h"
#include "audit/verdict.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::audit {

// What lies beside a record, outside its leaf; absent parts were erased or never were.
struct PayloadParts {
    std::optional<std::string_view> salt;
    std::optional<std::string_view> payload;
    std::optional<std::string_view> headers;
};

// What a row shows by itself, whatever the others are: rows may be examined in any order.
struct ExaminedRow {
    std::int64_t seq = 0;
    std::int64_t recorded_at = 0;
    Hash leaf{};
    bool lacks_payload = false;           // it commits to one that is not there
    std::optional<std::int64_t> redacts;  // the record whose payload it says was erased
    bool changes_key = false;
    std::vector<Finding> findings;
};

// Examines rows as stored, whatever is wrong with them. Each thread has its own.
class RowExaminer {
public:
    [[nodiscard]] ExaminedRow examine(const Record& record, const PayloadParts& parts);

private:
    std::string leaf_data_;
};

}  // namespace dcm::audit
