#include "consumer/delivery_watch.h"

#include <algorithm>

namespace dcm::consumer {

void DeliveryWatch::begin(std::int64_t delivered) {
    last_ = delivered;
    acknowledged_last_ = delivered;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): how many, then which.
void DeliveryWatch::took(std::int64_t count, std::int64_t last) {
    others_ = others_ || last > last_ + count;
    last_ = std::max(last_, last);
    taken_ += count;
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): how many, then which.
void DeliveryWatch::acknowledged(std::int64_t count, std::int64_t last) {
    acknowledged_last_ = std::max(acknowledged_last_, last);
    acknowledged_ += count;
}

}  // namespace dcm::consumer
