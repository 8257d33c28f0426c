#pragma once

#include "store/row_statement.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace dcm::store {

// Compares the columns of a row, from the first on, with what they should hold.
class RowCheck {
public:
    explicit RowCheck(const RowStatement& row) : row_(row) {}

    RowCheck& is(std::int64_t number) {
        passed_ = passed_ && !row_.is_null(column_) && row_.number(column_) == number;
        ++column_;
        return *this;
    }
    RowCheck& is(std::string_view text) {
        passed_ = passed_ && !row_.is_null(column_) && row_.text(column_) == text;
        ++column_;
        return *this;
    }
    RowCheck& is(const std::optional<std::int64_t>& number) {
        if (number) {
            return is(*number);
        }
        passed_ = passed_ && row_.is_null(column_);
        ++column_;
        return *this;
    }

    [[nodiscard]] bool passed() const { return passed_; }

private:
    const RowStatement& row_;
    int column_ = 0;
    bool passed_ = true;
};

}  // namespace dcm::store
