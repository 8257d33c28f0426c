#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace dcm::cli {

// Whether the daemon has read what waited in the stream when it came: before, what is computed
// lacks events that are there already. It is over as well when nothing could be read for so long
// that waiting serves nobody: the broker is away, or others hold what is left.
//
// Time is an argument. Any thread may call.
class FirstReading {
public:
    using Time = std::chrono::steady_clock::time_point;

    // What is computed is late by no more than this because of a broker that is away.
    static constexpr std::chrono::minutes kPatience{5};

    enum class State {
        going_on,
        done,
        given_up,  // and yet something waits, as far as is known
    };

    explicit FirstReading(Time now) : heard_at_(now) {}

    // What the broker said when it was first asked.
    void attached(std::int64_t waiting, Time now);
    // So many messages were recorded.
    void read(std::int64_t count, Time now);

    [[nodiscard]] State state(Time now) const;

private:
    mutable std::mutex mutex_;
    std::optional<std::int64_t> waiting_;  // nobody knows before the broker was asked
    Time heard_at_;
};

}  // namespace dcm::cli
