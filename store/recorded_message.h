#pragma once

#include "base/message.h"
#include "store/row_statement.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::store {

// A message as the log tells it, with its latest verdict.
struct RecordedMessage {
    std::int64_t seq = 0;
    Instant recorded_at;
    std::string subject;  // `vm/i-1`, `vm/` or `message`
    std::optional<std::string> source;
    std::optional<std::string> id;
    std::optional<std::string> broker_pos;
    std::string verdict;
    std::optional<std::string> reason;
    std::optional<std::string> event_time;  // RFC 3339
    std::optional<std::string> word;
    std::vector<std::string> flags;
    bool time_is_of_store = false;
    Instant store_time;
    std::int64_t stream_seq = 0;
    std::int64_t payload_bytes = 0;
    // The record of the latest verdict, where it is not the message's own.
    std::optional<std::int64_t> retried_at_seq;
};

// When it counts, in the month of which it stands against closing: at its own time, or, where it
// tells none, at that of storing.
[[nodiscard]] Instant counted_at(const RecordedMessage& message);

// Reads messages with their latest verdicts. One thread; statements are kept.
class RecordedMessages {
public:
    explicit RecordedMessages(soci::session& session);
    RecordedMessages(const RecordedMessages&) = delete;
    RecordedMessages& operator=(const RecordedMessages&) = delete;
    ~RecordedMessages() = default;

    using Visitor = std::function<void(const RecordedMessage&)>;
    // nullopt when there is no record of a message at this seq.
    [[nodiscard]] std::optional<RecordedMessage> find(std::int64_t seq);
    // Every message whose first verdict was `rejected`, in the order of recording.
    void each_rejected_first(const Visitor& visit);
    // Messages first recorded under this subject that were not accepted then.
    void each_not_accepted_first(std::string_view subject, const Visitor& visit);

private:
    RowStatement select_one_;
    RowStatement select_rejected_;
    RowStatement select_not_accepted_;
};

// The message itself, as it was delivered; nullopt when its payload was erased. Throws Failure
// (malformed) when what lies beside the record cannot be read back.
[[nodiscard]] std::optional<Message> read_kept_message(soci::session& session,
                                                       const RecordedMessage& recorded);

// The reverse of text_of_subject and text_of_headers; nullopt for what they never write.
[[nodiscard]] std::optional<std::string> subject_of_text(std::string_view text);
[[nodiscard]] std::optional<std::vector<Header>> headers_of_text(std::string_view text);

}  // namespace dcm::store
