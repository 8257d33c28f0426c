#include "consumer/known_positions.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace dcm::consumer {
namespace {

// Leaves out what its neighbours stand for: the distances from the newest one of two that follow
// each other stay within a factor of two, also when newer ones come.
void thin_out(std::vector<BrokerPosition>& positions) {
    const std::int64_t newest = positions.back().sequence;
    std::vector<BrokerPosition> kept;  // the newest first
    for (std::size_t left = positions.size(); left > 0; --left) {
        BrokerPosition& one = positions[left - 1];
        const std::size_t count = kept.size();
        const std::int64_t distance = newest - one.sequence;
        if (count > 1 && distance <= 2 * (newest - kept[count - 2].sequence) + 1) {
            kept.back() = std::move(one);
        } else {
            kept.push_back(std::move(one));
        }
    }
    positions.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

}  // namespace

KnownPositions::KnownPositions(const std::vector<BrokerPosition>& newest) {
    for (const BrokerPosition& position : newest) {
        known_[position.created_ns].push_back(position);
    }
    for (auto& [created_ns, positions] : known_) {
        std::reverse(positions.begin(), positions.end());
    }
}

void KnownPositions::add(std::span<const BrokerPosition> recorded) {
    for (const BrokerPosition& position : recorded) {
        std::vector<BrokerPosition>& positions = known_[position.created_ns];
        if (positions.empty() || positions.back().sequence < position.sequence) {
            positions.push_back(position);
        }
    }
    for (auto& [created_ns, positions] : known_) {
        thin_out(positions);
    }
}

std::span<const BrokerPosition> KnownPositions::of(std::int64_t created_ns) const {
    const auto found = known_.find(created_ns);
    return found == known_.end() ? std::span<const BrokerPosition>() : found->second;
}

}  // namespace dcm::consumer
