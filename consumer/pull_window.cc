#include "consumer/pull_window.h"

#include <algorithm>

namespace dcm::consumer {
namespace {

// How long after its end a request's last words may be on the way.
constexpr std::chrono::milliseconds kGrace{1000};
constexpr int kHeartbeatsMissed = 2;

}  // namespace

std::int64_t PullWindow::requested(Time now) {
    if (requests_.empty()) {
        heard_at_ = now;
    }
    last_over_ = now + settings_.expires + kGrace;
    requests_.push_back({++last_number_, last_over_});
    awaited_ += settings_.batch;
    return last_number_;
}

std::deque<PullWindow::Request>::iterator PullWindow::find(std::int64_t request) {
    return std::find_if(requests_.begin(), requests_.end(), [request](const Request& one) {
        return one.number == request;
    });
}

void PullWindow::postponed(std::int64_t request) {
    const auto found = find(request);
    if (found != requests_.end()) {
        found->is_postponed = true;
    }
}

// NOLINTNEXTLINE(bugprone-easily-swappable-parameters): one call, of both.
void PullWindow::ended(std::int64_t request, std::int64_t undelivered) {
    const auto found = find(request);
    if (found == requests_.end()) {
        return;
    }
    requests_.erase(found);
    awaited_ -= std::clamp<std::int64_t>(undelivered, 0, awaited_);
    bound_awaited();
}

void PullWindow::age_out(Time now) {
    while (!requests_.empty() && requests_.front().over <= now) {
        requests_.pop_front();
    }
    bound_awaited();
}

bool PullWindow::silent(Time now) const {
    const bool is_awaited = std::any_of(
        requests_.begin(), requests_.end(), [](const Request& one) { return !one.is_postponed; });
    return is_awaited && now - heard_at_ > kHeartbeatsMissed * settings_.heartbeat + kGrace;
}

void PullWindow::forget() {
    requests_.clear();
    awaited_ = 0;
}

void PullWindow::bound_awaited() {
    awaited_ = std::min(awaited_, static_cast<std::int64_t>(requests_.size()) * settings_.batch);
}

}  // namespace dcm::consumer
