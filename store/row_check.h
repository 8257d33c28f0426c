#pragma once

#include "store/row_statement.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace dcm::store {

// Compares the columns of a row, from the first on, with what they should hold: value and storage
// class, since SQL that compares a text does not find the same bytes as a BLOB.
class RowCheck {
public:
    explicit RowCheck(const RowStatement& row) : row_(row) {}

    RowCheck& is(std::int64_t number) {
        passed_ = passed_ && row_.storage_class(column_) == StorageClass::integer &&
                  row_.number(column_) == number;
        ++column_;
        return *this;
    }
    RowCheck& is(std::string_view text) { return holds(StorageClass::text, text); }
    RowCheck& is_bytes(std::string_view bytes) { return holds(StorageClass::blob, bytes); }
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
    RowCheck& holds(StorageClass storage_class, std::string_view bytes) {
        passed_ =
            passed_ && row_.storage_class(column_) == storage_class && row_.text(column_) == bytes;
        ++column_;
        return *this;
    }

    const RowStatement& row_;
    int column_ = 0;
    bool passed_ = true;
};

}  // namespace dcm::store
