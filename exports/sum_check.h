#pragma once

#include "base/decimal.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::exports {

// Holds rows of statements, one after the other, against their sums: a tenant's rows end with its
// one rounding, which makes their sum a whole number of minor units of the currency.
class SumCheck {
public:
    struct Entry {
        std::string_view tenant;
        std::string_view currency;
        bool is_rounding = false;
        Decimal cost;
    };

    // What is wrong at the next row, an entry each.
    [[nodiscard]] std::vector<std::string> check(const Entry& entry);
    // What is wrong where no row follows.
    [[nodiscard]] std::vector<std::string> finish();

private:
    std::string tenant_;  // of the statement that has rows and no rounding yet
    Decimal sum_;
    std::int64_t rows_ = 0;
};

}  // namespace dcm::exports
