#pragma once

#include "base/message.h"
#include "consumer/inbox.h"
#include "consumer/nats_connection.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace dcm::consumer {

struct PublisherOptions {
    // Sends `Nats-Msg-Id`, so that JetStream drops what it got in the last two minutes already.
    bool message_ids = true;
    // Messages on the way without an answer.
    std::size_t window = 4'096;
    // Absent: flat out.
    std::optional<std::int64_t> per_second;
    // Without any answer for so long, what is unanswered is sent again …
    std::chrono::milliseconds answer_wait{5'000};
    // … and after so long given up.
    std::chrono::milliseconds patience{60'000};
};

struct PublishCounts {
    std::int64_t sent = 0;
    std::int64_t stored = 0;
    std::int64_t duplicates = 0;  // answered as had already, by Nats-Msg-Id

    bool operator==(const PublishCounts&) const = default;
};

// `<source> <id>` of the event, as providers' Nats-Msg-Id; nullopt when the message has none that
// can be a header. Pure.
[[nodiscard]] std::optional<std::string> message_id(const Message& message);

// The provider's side: publishes on JetStream and sees to it that each message is stored. After a
// reconnect what had no answer is sent again; without message ids that can store one twice.
class Publisher {
public:
    // The connection outlives this. Throws Failure like NatsConnection::ensure_open().
    Publisher(NatsConnection& connection, const PublisherOptions& options);

    // Sends one, in order, and waits for its turn and for room among the unanswered. Throws
    // Failure: environment when no stream takes its subject, the broker refuses it or the patience
    // is over; malformed for a message that cannot be published (subject, size).
    void publish(const Message& message);
    // Waits until all are stored.
    void finish();

    [[nodiscard]] const PublishCounts& counts() const { return counts_; }

private:
    using Time = std::chrono::steady_clock::time_point;

    [[nodiscard]] MessageHandle to_nats(const Message& message, std::uint64_t number) const;
    void send(natsMsg* message);
    void take_answers(std::chrono::milliseconds wait);
    void answer(natsMsg* reply);
    void look_after(Time now);
    void send_again();
    // A lost connection is made anew, after a while.
    [[nodiscard]] bool is_connected(Time now);
    void wait_turn();

    NatsConnection& connection_;
    PublisherOptions options_;
    std::unique_ptr<Inbox> inbox_;
    std::int64_t epoch_;  // of the connection that inbox_ belongs to
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, MessageHandle> unanswered_;
    PublishCounts counts_;
    bool nobody_listened_ = false;
    Time started_ = std::chrono::steady_clock::now();
    Time progress_at_ = started_;
    Time sent_again_at_ = started_;
    Time connect_at_ = started_;
};

}  // namespace dcm::consumer
