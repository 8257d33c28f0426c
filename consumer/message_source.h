#pragma once

#include "base/message.h"
#include "store/source_state.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dcm::consumer {

// A pull ends once its payloads have so many bytes, however few messages they are.
inline constexpr std::size_t kPullBytesMax = std::size_t{8} * 1'048'576;

// What a look into the stream found.
struct StoredMessages {
    std::vector<Message> messages;  // ascending
    // There are no others up to here.
    std::int64_t looked_to = 0;
    // Why the broker gives out nothing behind that; empty when it does.
    std::string refusal;
};

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

    // Gets ready to be asked, by state() and pull(), which otherwise does it. Throws like pull().
    virtual void attach() {}

    // Up to `count_max` messages, in delivery order; fewer when they have kPullBytesMax, and fewer,
    // or none, when `wait` has passed. Throws Failure (environment) when the source cannot be read
    // now; calling again tries again.
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

    // What the broker says about stream and durable, now and then: when everything it had delivered
    // to us at that moment is acknowledged. nullopt at other times, and for a source without a
    // broker. Throws Failure like pull().
    [[nodiscard]] virtual std::optional<store::SourceState> state() { return std::nullopt; }

    // That the stream lost its end since it was recorded, once everything taken before is
    // acknowledged; `same_to` is where the stream begins, and up to the caller. Nothing more is
    // delivered until the source is told that the log knows, and what the stream must hold from now
    // on.
    [[nodiscard]] virtual std::optional<store::StreamRewind> rewind() { return std::nullopt; }
    virtual void rewind_recorded(const std::vector<BrokerPosition>& newest) {
        static_cast<void>(newest);
    }

    // The first message that the stream holds in the range, if any. Throws Failure like fetch().
    [[nodiscard]] virtual StoredMessages first_held(const store::SequenceRange& range) {
        StoredMessages none;
        none.looked_to = range.last;
        return none;
    }

    // What the stream holds in the range, at most `count_max` messages of it; they are not to be
    // acknowledged. Throws Failure (environment) when the broker does not answer.
    [[nodiscard]] virtual StoredMessages fetch(const store::SequenceRange& range,
                                               std::size_t count_max) {
        static_cast<void>(count_max);
        StoredMessages none;
        none.looked_to = range.last;
        return none;
    }
};

}  // namespace dcm::consumer
