#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace dcm::cli {

// Whether the daemon has read what waited in the stream when it came, and what the durable had
// passed over before: until then what is computed lacks events that are there already. It is over
// as well when nothing could be read for so long that waiting serves nobody: the broker is away, or
// others hold what is left. Only time in which the source was asked counts: while this program is
// at work itself, nobody else keeps it from reading.
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

    // What the broker said when it was first asked.
    struct Backlog {
        std::int64_t waiting = 0;  // to be delivered, or on its way to somebody
        // The source can tell what the durable has passed over and nobody recorded.
        bool is_reviewed = true;
    };

    // The source is asked. Without an answer, because that failed, it is being asked until it has
    // answered something.
    void asked(Time now);
    enum class Answer { nothing, messages };
    void answered(Answer answer, Time now);
    void attached(Backlog backlog, Time now);
    // So many messages that the durable had delivered are recorded.
    void read(std::int64_t count);
    // Nothing is missing of what the durable has passed over.
    void reviewed();

    [[nodiscard]] State state(Time now) const;

private:
    mutable std::mutex mutex_;
    std::optional<std::int64_t> waiting_;  // nobody knows before the broker was asked
    bool is_reviewed_ = false;
    std::chrono::steady_clock::duration in_vain_{};  // asked since the last message
    std::optional<Time> asked_at_;                   // and not answered yet
};

}  // namespace dcm::cli
