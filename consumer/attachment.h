#pragma once

#include "consumer/delivery_watch.h"
#include "consumer/known_positions.h"
#include "consumer/message_source.h"
#include "consumer/nats_connection.h"
#include "consumer/standstill.h"
#include "consumer/stream_setup.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace dcm::consumer {

struct AttachmentOptions {
    StreamNames names;
    // What is recorded, or told as missing, without a hole; known before the first pull. A durable
    // that is not there is created to begin behind it.
    std::vector<store::AccountedStream> accounted;
    // What such a stream must still hold, unless it was deleted there.
    KnownPositions recorded;
    // How many requests of ours may be outstanding; more are another member's.
    std::int64_t requests_max = 0;
    // How often state() has something to say.
    std::chrono::milliseconds review_interval{30'000};
    std::function<void(std::string_view)> on_notice;
    // Once, when both are known; with whether state() has something to say as things are.
    std::function<void(const DurableInfo&, bool)> on_attached;
};

// The stream and our durable on it as the broker last described them, and what became of both
// since: deleted, altered, made anew, cut off at its end.
class Attachment {
public:
    using Time = std::chrono::steady_clock::time_point;

    // The connection outlives this. Throws Failure (malformed) for unusable names.
    Attachment(NatsConnection& connection, AttachmentOptions options);

    // Reads both, and creates a durable that is not there. Called when no message of an earlier
    // stream is left. Throws Refused for what somebody must change, else Failure (environment).
    [[nodiscard]] DurableInfo read(WhenAbsent stream_absence);
    // Whether both have to be read again before messages are asked for.
    [[nodiscard]] bool is_stale() const { return is_stale_; }
    void read_again();

    [[nodiscard]] const StreamNames& names() const { return options_.names; }
    // Of the stream whose messages come.
    [[nodiscard]] std::int64_t created_ns() const { return created_ns_; }
    // Which of the durables that were read it is. To a later one the broker's word for a message,
    // its sequence, means another message: nothing is to be said about one of an earlier durable.
    [[nodiscard]] std::int64_t durable_number() const { return durable_number_; }
    [[nodiscard]] DeliveryWatch& watch() { return watch_; }

    // That the messages are recorded.
    void recorded(std::span<const Message> messages);
    // Whether the stream lost its end, and that is not recorded yet: no message is to be asked for.
    [[nodiscard]] bool is_rewound() const { return is_rewound_; }

    // As MessageSource has them.
    [[nodiscard]] bool drained();
    [[nodiscard]] std::optional<store::StreamRewind> rewind();
    void rewind_recorded(const std::vector<BrokerPosition>& newest);
    [[nodiscard]] StoredMessages first_held(const store::SequenceRange& range);
    [[nodiscard]] std::optional<store::SourceState> state(Time now);
    [[nodiscard]] StoredMessages fetch(const store::SequenceRange& range, std::size_t count_max);

private:
    // What the broker said when it was asked for a review, and what it had delivered by then.
    struct Question {
        DurableInfo durable;
        DeliveryWatch::Mark mark;
    };

    // The durable as it is now, created where there is none.
    [[nodiscard]] DurableInfo look_at_durable(const StreamInfo& stream);
    // The same while messages come; nullopt when both have to be read again.
    [[nodiscard]] std::optional<DurableInfo> check_on_durable();
    [[nodiscard]] DurableTerms terms_in(const StreamInfo& stream) const;
    // Whether it is not the one that was read last, or forgot what it had delivered.
    [[nodiscard]] bool is_another(const DurableInfo& durable) const;
    [[nodiscard]] bool is_ahead(const DurableInfo& durable, const StreamInfo& stream);
    // Whether it ends before the sequence, and still does after a while.
    [[nodiscard]] bool ends_before(std::int64_t sequence, const StreamInfo& stream);
    // Whether it ends before what is recorded of it, or holds something else in its place.
    [[nodiscard]] bool has_lost_end(const StreamInfo& stream);
    // Throws Refused when a drain waits for what does not come.
    void require_progress(const DurableInfo& durable);
    // Whether everything delivered before the question is acknowledged.
    [[nodiscard]] bool is_answered() const;
    // Made anew from the first message on.
    [[nodiscard]] DurableInfo start_over();
    void judge_reviewable(const DurableInfo& durable, const StreamInfo& stream);
    [[nodiscard]] bool is_reviewable() const { return delivers_all_ && !others_ask_; }
    void ask_question(const DurableInfo& durable);
    [[nodiscard]] store::SourceState state_of(const DurableInfo& durable,
                                              const StreamInfo& stream) const;
    void tell(std::string_view text) const;
    void tell_refusal(std::string_view refusal);

    NatsConnection& connection_;
    AttachmentOptions options_;
    bool read_before_ = false;
    bool is_stale_ = true;
    std::int64_t created_ns_ = 0;
    // On that stream, as last heard.
    std::int64_t acknowledged_to_ = 0;
    std::vector<std::string> filters_;  // the durable's
    std::int64_t durable_created_ns_ = 0;
    std::int64_t durable_number_ = 0;
    bool is_rewound_ = false;
    bool is_refusal_told_ = false;
    DeliveryWatch watch_;
    Standstill standstill_;
    std::optional<Question> question_;
    Time review_at_;
    // Holes are no loss when the durable leaves some messages out, or others record them. Those may
    // be gone at a later look, or be what a killed process had asked for.
    bool delivers_all_ = true;
    bool others_ask_ = false;
};

}  // namespace dcm::consumer
