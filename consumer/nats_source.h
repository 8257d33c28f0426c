#pragma once

#include "consumer/attachment.h"
#include "consumer/inbox.h"
#include "consumer/message_source.h"
#include "consumer/nats_connection.h"
#include "consumer/nats_message.h"
#include "consumer/pull_window.h"
#include "consumer/stream_setup.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::consumer {

struct NatsSourceOptions {
    StreamNames names;
    bool provision = false;  // create the stream when there is none
    PullSettings pull;
    // See AttachmentOptions.
    std::vector<store::AccountedStream> accounted;
    // As store::newest_positions has them.
    std::vector<BrokerPosition> recorded;
    std::chrono::milliseconds review_interval{30'000};
    // Told in the thread that pulls: connection lost and found, warnings about the durable.
    std::function<void(std::string_view)> on_notice;
    // See AttachmentOptions.
    std::function<void(const DurableInfo&, bool)> on_attached;
};

// A member of the durable pull consumer's group.
//
// Connects and attaches at the first pull, and again whenever that is needed; attach() does it at
// once. What was pulled and neither returned nor acknowledged at the end is handed back, so that
// another member gets it without waiting.
class NatsSource final : public MessageSource {
public:
    // The connection outlives this. Throws Failure (malformed) for unusable names or settings.
    NatsSource(NatsConnection& connection, NatsSourceOptions options);
    NatsSource(const NatsSource&) = delete;
    NatsSource& operator=(const NatsSource&) = delete;
    ~NatsSource() override;

    // Verifies or creates stream and durable. Throws Refused for what somebody must change at the
    // broker, else Failure (environment).
    void attach() override;

    // Throws Failure (environment) when nothing came and the broker is away; the next call tries to
    // connect again.
    [[nodiscard]] std::vector<Message> pull(std::size_t count_max,
                                            std::chrono::milliseconds wait) override;
    // Published, not awaited: an acknowledgement that is lost makes a redelivery.
    void acknowledge(std::span<const Message> messages) override;
    // Says `+WPI` when a third of the durable's ack_wait has passed since the last acknowledgement.
    void keep(std::span<const Message* const> messages) override;
    [[nodiscard]] bool drained() override;
    [[nodiscard]] std::optional<store::SourceState> state() override;
    [[nodiscard]] std::optional<store::StreamRewind> rewind() override;
    void rewind_recorded(const std::vector<BrokerPosition>& newest) override;
    [[nodiscard]] StoredMessages first_held(const store::SequenceRange& range) override;
    [[nodiscard]] StoredMessages fetch(const store::SequenceRange& range,
                                       std::size_t count_max) override;

private:
    using Time = PullWindow::Time;
    // Stream and durable may be others by the time the message is looked at.
    struct Arrival {
        MessageHandle message;
        std::int64_t created_ns = 0;
        std::int64_t durable = 0;  // its number
    };

    void read_broker_state(WhenAbsent stream_absence = WhenAbsent::retry);
    void use_limits(const DurableInfo& durable);
    void send_requests(Time now);
    // Whether there is a next message, waiting for it so long.
    [[nodiscard]] bool have_next(std::chrono::milliseconds wait);
    // Counts what came, as deliveries of the stream that was read last.
    void receive(std::vector<MessageHandle> messages);
    // What is due while nothing is queued here: a new connection, requests whose time is over.
    void settle(Time now);
    void take(const Arrival& arrival);
    void obey(const PullStatus& status);
    // The next message does not fit into a whole request; once it came, they are as before.
    void ask_for_more_bytes();
    void ask_for_bytes(std::int64_t bytes);
    [[nodiscard]] std::int64_t usual_bytes() const;
    // Says the word about all that has arrived and was not looked at.
    void tell_arrived(std::string_view word);
    // Says the word about a message, unless the durable that it came from is not there any more.
    struct AckPlace {
        const char* subject = nullptr;
        std::int64_t durable = 0;
    };
    void say(std::string_view word, AckPlace place);
    // Whether what the broker said is of the present connection.
    [[nodiscard]] bool knows_broker() const;
    // The same, and the durable is, as far as is known, the one that was read last.
    [[nodiscard]] bool knows_durable() const;
    void tell(std::string_view text) const;
    void pass_on_notices();
    void hand_back();

    NatsConnection& connection_;
    NatsSourceOptions options_;
    Attachment attachment_;
    PullWindow window_;
    std::string request_subject_;
    std::string request_body_;
    std::int64_t request_bytes_ = 0;      // what one request asks for
    std::int64_t request_bytes_max_ = 0;  // the durable's limit; 0 is none
    std::unique_ptr<Inbox> inbox_;
    // Arrived, but not looked at yet, from next_ on.
    std::vector<Arrival> arrived_;
    std::size_t next_ = 0;
    std::int64_t inbox_epoch_ = 0;  // of the connection that inbox_ belongs to
    std::int64_t epoch_ = 0;        // of the connection when the broker's state was read
    std::chrono::milliseconds ack_wait_{0};
    Time spoke_at_{};  // of the last acknowledgement or `+WPI`
    // Taken and not returned yet: survives a pull that ends in a Failure.
    std::vector<Message> taken_;
    std::size_t taken_bytes_ = 0;
};

}  // namespace dcm::consumer
