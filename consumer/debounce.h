#pragma once

#include "base/instant.h"
#include "base/message.h"
#include "billing/event.h"

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace dcm::consumer {

// What DCM asks of providers: no updates for a status that flaps (running, error, running) within
// milliseconds. Of the events of one instance that lie within one window only the last is passed
// on.
//
// A window begins with an instance's first held event and is measured in event time. What has no
// instance or no time of its own passes at once, and so does an event older than one seen before,
// unless it is its instance's newest. Pure.
class Debounce {
public:
    explicit Debounce(Duration window) : window_(window) {}

    // Takes the next message with what was decided about it; returns those to publish now, in
    // order.
    [[nodiscard]] std::vector<Message> offer(Message message, const billing::Decision& decision);
    // The rest, at the end.
    [[nodiscard]] std::vector<Message> flush();

    // Messages that a later one of their window took the place of.
    [[nodiscard]] std::int64_t suppressed() const { return suppressed_; }

private:
    struct Held {
        std::string instance;
        Instant end;   // of the window
        Instant last;  // the event time of the message
        Message message;
    };

    void release_until(Instant now, std::vector<Message>& out);

    Duration window_;
    // In the order of their windows' ends; the map counts from the first ever held.
    std::deque<Held> held_;
    std::unordered_map<std::string, std::size_t> index_by_instance_;
    std::size_t released_ = 0;
    Instant latest_{};
    std::int64_t suppressed_ = 0;
};

}  // namespace dcm::consumer
