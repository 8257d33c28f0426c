#include "consumer/debounce.h"

#include <algorithm>
#include <utility>

namespace dcm::consumer {

std::vector<Message> Debounce::offer(Message message, const billing::Decision& decision) {
    std::vector<Message> out;
    const auto* event = std::get_if<billing::StatusEvent>(&decision);
    if (event == nullptr || event->time_source != billing::TimeSource::event) {
        out.push_back(std::move(message));
        return out;
    }
    const bool in_order = event->time >= latest_;
    latest_ = std::max(latest_, event->time);
    release_until(latest_, out);
    std::string instance = event->service_type + "/" + event->instance;
    const auto found = index_by_instance_.find(instance);
    Held* held = found == index_by_instance_.end() ? nullptr : &held_[found->second - released_];
    if (held != nullptr && event->time >= held->last) {
        held->last = event->time;
        held->message = std::move(message);
        ++suppressed_;
        return out;
    }
    // A late event is no flapping, and must not take the place of a newer one.
    if (held != nullptr || !in_order) {
        out.push_back(std::move(message));
        return out;
    }
    index_by_instance_.emplace(instance, released_ + held_.size());
    held_.push_back({std::move(instance), event->time + window_, event->time, std::move(message)});
    return out;
}

std::vector<Message> Debounce::flush() {
    std::vector<Message> out;
    if (!held_.empty()) {
        release_until(held_.back().end, out);
    }
    return out;
}

void Debounce::release_until(Instant now, std::vector<Message>& out) {
    while (!held_.empty() && held_.front().end <= now) {
        index_by_instance_.erase(held_.front().instance);
        out.push_back(std::move(held_.front().message));
        held_.pop_front();
        ++released_;
    }
}

}  // namespace dcm::consumer
