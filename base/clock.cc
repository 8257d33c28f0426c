#include "base/clock.h"

#include <chrono>

namespace dcm {

Instant SystemClock::now() const {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Instant{duration_cast<microseconds>(since_epoch).count()};
}

}  // namespace dcm
