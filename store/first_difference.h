#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace dcm::store {

// The difference that comes first of those several threads find, whoever finds one when.
class FirstDifference {
public:
    // `place` orders the differences.
    void tell(std::int64_t place, std::string what) {
        const std::lock_guard lock(mutex_);
        if (what_.empty() || place < place_) {
            place_ = place;
            what_ = std::move(what);
        }
    }
    // Empty when there is none.
    [[nodiscard]] std::string what() const {
        const std::lock_guard lock(mutex_);
        return what_;
    }

private:
    mutable std::mutex mutex_;
    std::int64_t place_ = 0;
    std::string what_;
};

}  // namespace dcm::store
