#include "consumer/backlog.h"

#include "consumer/jetstream_api.h"
#include "consumer/stored_message.h"

#include <limits>

namespace dcm::consumer {
namespace {

// Nothing when the stream or durable is not there.
ApiAnswer ask(NatsConnection& connection, const std::string& verb) {
    ApiAnswer answer = ask_jetstream(connection, verb, "");
    const bool is_absent =
        answer.error_code == kStreamNotFound || answer.error_code == kConsumerNotFound;
    if (answer.error_code != 0 && !is_absent) {
        throw Failure(ErrorKind::environment,
                      "$JS.API." + verb + ": " + answer.error_text + " (" +
                          std::to_string(answer.error_code) + ')');
    }
    return answer;
}

// Whether the stream's first message behind the sequence was stored before.
bool has_older(NatsConnection& connection,
               const StreamNames& names,
               std::int64_t acknowledged_to,
               Instant before) {
    const StoredMessages next =
        read_stored(connection,
                    {names.stream, 0},
                    {acknowledged_to + 1, std::numeric_limits<std::int64_t>::max()},
                    /*count_max=*/1);
    if (!next.refusal.empty()) {
        throw Failure(ErrorKind::environment,
                      "cannot look into stream '" + names.stream + "': " + next.refusal);
    }
    return !next.messages.empty() && next.messages.front().store_time < before;
}

}  // namespace

std::string backlog_before(NatsConnection& connection, const StreamNames& names, Instant before) {
    const ApiAnswer stream = ask(connection, "STREAM.INFO." + names.stream);
    if (stream.error_code != 0) {
        return "";
    }
    const ApiAnswer durable =
        ask(connection, "CONSUMER.INFO." + names.stream + '.' + names.durable);
    const bool is_there = durable.error_code == 0;
    const std::int64_t undelivered = number_member(durable.body, "num_pending");
    const std::int64_t unacknowledged = number_member(durable.body, "num_ack_pending");
    if (is_there && undelivered == 0 && unacknowledged == 0) {
        return "";
    }
    const std::int64_t acknowledged_to =
        number_member(object_member(durable.body, "ack_floor"), "stream_seq");
    if (!has_older(connection, names, acknowledged_to, before)) {
        return "";
    }
    const std::string where =
        " in stream '" + names.stream + "', from before " + format_rfc3339(before);
    return is_there ? "undelivered messages: " + std::to_string(undelivered) +
                          ", unacknowledged: " + std::to_string(unacknowledged) + where
                    : "durable '" + names.durable + "' is not there, and nothing was read" + where;
}

}  // namespace dcm::consumer
