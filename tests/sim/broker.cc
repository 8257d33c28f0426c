#include "tests/sim/broker.h"

#include "base/result.h"

#include <algorithm>
#include <utility>

namespace dcm::sim {
namespace {

constexpr std::int64_t kPullMax = 6;
// In a thousand.
constexpr std::int64_t kPullFails = 20;
constexpr std::int64_t kPullIsEmpty = 50;
constexpr std::int64_t kDeliveredTwice = 80;
constexpr std::int64_t kAckIsLost = 80;

}  // namespace

Broker::Broker(std::vector<Message> stream, const Disk& disk, std::uint64_t seed)
    : stream_(std::move(stream)), disk_(disk), random_(seed) {}

void Broker::require_connection(std::int64_t failures_in_thousand) {
    if (!disk_.is_on() || random_.happens(failures_in_thousand)) {
        throw Failure(ErrorKind::environment, "the broker cannot be reached");
    }
}

std::vector<Message> Broker::pull(std::size_t count_max, std::chrono::milliseconds /*wait*/) {
    require_connection(kPullFails);
    std::vector<Message> messages;
    if (random_.happens(kPullIsEmpty)) {
        return messages;
    }
    if (next_ == stream_.size() && again_.empty()) {
        redeliver_unacknowledged();
    }
    const auto wanted = std::min(static_cast<std::int64_t>(count_max), 1 + random_.below(kPullMax));
    while (std::cmp_less(messages.size(), wanted) && (next_ < stream_.size() || !again_.empty())) {
        messages.push_back(deliver_one());
    }
    return messages;
}

const Message& Broker::deliver_one() {
    std::size_t index = next_;
    if (!again_.empty() && (next_ == stream_.size() || random_.happens(500))) {
        index = again_.front();
        again_.pop_front();
    } else {
        ++next_;
    }
    unacknowledged_.insert(index);
    if (random_.happens(kDeliveredTwice)) {
        again_.push_back(index);
    }
    return stream_[index];
}

void Broker::acknowledge(std::span<const Message> messages) {
    require_connection(0);
    for (const Message& message : messages) {
        const auto index = static_cast<std::size_t>(message.stream_seq - 1);
        promised_.insert(index);
        if (!random_.happens(kAckIsLost)) {
            unacknowledged_.erase(index);
        }
    }
}

bool Broker::drained() {
    return next_ == stream_.size() && again_.empty() && unacknowledged_.empty();
}

void Broker::redeliver_unacknowledged() {
    again_.assign(unacknowledged_.begin(), unacknowledged_.end());
    // Fisher and Yates; std::shuffle gives other orders with other libraries.
    for (std::size_t left = again_.size(); left > 1; --left) {
        const auto other = static_cast<std::size_t>(random_.below(static_cast<std::int64_t>(left)));
        std::swap(again_[left - 1], again_[other]);
    }
}

}  // namespace dcm::sim
