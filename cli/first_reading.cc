#include "cli/first_reading.h"

#include <algorithm>

namespace dcm::cli {

void FirstReading::attached(std::int64_t waiting, Time now) {
    const std::lock_guard guard(mutex_);
    waiting_ = waiting;
    heard_at_ = now;
}

void FirstReading::read(std::int64_t count, Time now) {
    const std::lock_guard guard(mutex_);
    // What was pulled is from after the broker was asked. Messages come in the order of the stream,
    // so that newer ones do not count before those that waited.
    if (waiting_) {
        waiting_ = std::max<std::int64_t>(0, *waiting_ - count);
    }
    heard_at_ = now;
}

FirstReading::State FirstReading::state(Time now) const {
    const std::lock_guard guard(mutex_);
    if (waiting_ == 0) {
        return State::done;
    }
    return now - heard_at_ < kPatience ? State::going_on : State::given_up;
}

}  // namespace dcm::cli
