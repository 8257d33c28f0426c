#pragma once

#include "base/instant.h"

namespace dcm {

// The only door to the wall clock. PURE code takes an Instant instead.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    // Now, in UTC. May step backwards when the machine's clock does. Any thread may call.
    [[nodiscard]] virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override;
};

}  // namespace dcm
