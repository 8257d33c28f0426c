#include "cli/first_reading.h"

#include <algorithm>

namespace dcm::cli {

void FirstReading::asked(Time now) {
    const std::lock_guard guard(mutex_);
    if (!asked_at_) {
        asked_at_ = now;
    }
}

void FirstReading::answered(Answer answer, Time now) {
    const std::lock_guard guard(mutex_);
    if (answer == Answer::messages) {
        in_vain_ = {};
    } else if (asked_at_) {
        in_vain_ += now - *asked_at_;
    }
    asked_at_.reset();
}

void FirstReading::attached(Backlog backlog, Time now) {
    const std::lock_guard guard(mutex_);
    waiting_ = backlog.waiting;
    is_reviewed_ = !backlog.is_reviewed;
    in_vain_ = {};
    asked_at_ = now;
}

void FirstReading::read(std::int64_t count) {
    const std::lock_guard guard(mutex_);
    // What was pulled is from after the broker was asked. Messages come in the order of the stream,
    // so that newer ones do not count before those that waited.
    if (waiting_) {
        waiting_ = std::max<std::int64_t>(0, *waiting_ - count);
    }
}

void FirstReading::reviewed() {
    const std::lock_guard guard(mutex_);
    is_reviewed_ = true;
}

FirstReading::State FirstReading::state(Time now) const {
    const std::lock_guard guard(mutex_);
    if (waiting_ == 0 && is_reviewed_) {
        return State::done;
    }
    const auto in_vain = in_vain_ + (asked_at_ ? now - *asked_at_ : Time::duration{});
    return in_vain < kPatience ? State::going_on : State::given_up;
}

}  // namespace dcm::cli
