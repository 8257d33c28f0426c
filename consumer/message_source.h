#pragma once

#include "base/message.h"

#include <chrono>
#include <cstddef>
#include <span>
#include <vector>

namespace dcm::consumer {

// Where messages come from: a JetStream consumer, files, or a test's script.
//
// A message is delivered at least once until it is acknowledged. One thread at a time uses a
// source.
class MessageSource {
public:
    MessageSource() = default;
    MessageSource(const MessageSource&) = delete;
    MessageSource& operator=(const MessageSource&) = delete;
    virtual ~MessageSource() = default;

    // Up to `count_max` messages, in delivery order; fewer, or none, when `wait` has passed. Throws
    // Failure (environment) when the source cannot be read now; calling again tries again.
    [[nodiscard]] virtual std::vector<Message> pull(std::size_t count_max,
                                                    std::chrono::milliseconds wait) = 0;

    // Tells the source that these messages are durably recorded. What is lost on the way is
    // delivered again later.
    virtual void acknowledge(std::span<const Message> messages) = 0;

    // Tells the source that these messages are still being worked on, and so are those it holds and
    // has not returned: it shall not deliver them to anyone else yet. May be called often; says
    // something only when that is due.
    virtual void keep(std::span<const Message* const> messages) = 0;

    // Whether nothing is left: for a file its end; for a stream nothing undelivered and nothing
    // unacknowledged, other members' included.
    [[nodiscard]] virtual bool drained() = 0;
};

}  // namespace dcm::consumer
