#pragma once

#include "consumer/fleet_random.h"
#include "consumer/message_source.h"
#include "tests/sim/disk.h"

#include <cstdint>
#include <deque>
#include <set>
#include <vector>

namespace dcm::sim {

// A stream and its one consumer. It delivers at least once: again what is not acknowledged, also
// while it is still being worked on, and in any order; acknowledgements are lost at times, and at
// times it cannot be reached. It outlives the consuming process, whose machine the disk is part of.
class Broker final : public consumer::MessageSource {
public:
    // Positions are those of the messages: 1, 2, 3, …
    Broker(std::vector<Message> stream, const Disk& disk, std::uint64_t seed);

    [[nodiscard]] std::vector<Message> pull(std::size_t count_max,
                                            std::chrono::milliseconds wait) override;
    void acknowledge(std::span<const Message> messages) override;
    // Nothing comes of it: it delivers again what it likes.
    void keep(std::span<const Message* const> /*messages*/) override {}
    [[nodiscard]] bool drained() override;

    // The consumer started again: whatever it did not acknowledge is delivered again.
    void redeliver_unacknowledged();

    [[nodiscard]] const std::vector<Message>& stream() const { return stream_; }
    // By index; an acknowledgement that was lost counts, since it was promised.
    [[nodiscard]] const std::set<std::size_t>& promised() const { return promised_; }

private:
    [[nodiscard]] const Message& deliver_one();
    void require_connection(std::int64_t failures_in_thousand);

    std::vector<Message> stream_;
    const Disk& disk_;
    consumer::FleetRandom random_;
    std::size_t next_ = 0;
    std::deque<std::size_t> again_;
    std::set<std::size_t> unacknowledged_;
    std::set<std::size_t> promised_;
};

}  // namespace dcm::sim
