#pragma once

#include "base/clock.h"

namespace dcm::support {

// A clock that stands still until it is told to go on.
class ManualClock final : public Clock {
public:
    explicit ManualClock(Instant start) : now_(start) {}

    [[nodiscard]] Instant now() const override { return now_; }
    void set(Instant now) { now_ = now; }
    void advance(Duration by) { now_ = now_ + by; }

private:
    Instant now_;
};

}  // namespace dcm::support
