#pragma once

#include "base/message.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace dcm::consumer {

// What a stream must still hold, unless it was deleted there: the newest recorded message and some
// before it, ever farther apart, of each stream of the name: one that is away may come back. Pure.
class KnownPositions {
public:
    KnownPositions() = default;
    // As store::newest_positions has them: of each stream the newest first.
    explicit KnownPositions(const std::vector<BrokerPosition>& newest);

    // That these are recorded, in the order in which they came. What is older than the newest of
    // its stream is not added.
    void add(std::span<const BrokerPosition> recorded);
    // Of that stream, the newest last.
    [[nodiscard]] std::span<const BrokerPosition> of(std::int64_t created_ns) const;

private:
    std::map<std::int64_t, std::vector<BrokerPosition>> known_;
};

}  // namespace dcm::consumer
