#include "consumer/nats_message.h"

#include "base/instant.h"
#include "consumer/ack_subject.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <span>
#include <string_view>

namespace dcm::consumer {
namespace {

// cnats returns arrays that the caller frees; their strings belong to the message.
struct ArrayDeleter {
    void operator()(const char** array) const {
        // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): C interface.
        std::free(static_cast<void*>(array));
    }
};
using StringArray = std::unique_ptr<const char*, ArrayDeleter>;

void append_values(natsMsg* message, const char* name, std::vector<Header>& out) {
    const char** raw = nullptr;
    int count = 0;
    if (natsMsgHeader_Values(message, name, &raw, &count) != NATS_OK) {
        return;
    }
    const StringArray values(raw);
    for (const char* value : std::span(raw, static_cast<std::size_t>(count))) {
        out.push_back({name, value});
    }
}

// Sorted by name, as cnats keeps no order between names; values of one name in theirs. A header
// block that is none by NATS' rules cannot be read through cnats and counts as no headers.
std::vector<Header> headers_of(natsMsg* message) {
    const char** raw = nullptr;
    int count = 0;
    if (natsMsgHeader_Keys(message, &raw, &count) != NATS_OK) {
        return {};
    }
    const StringArray owner(raw);
    const std::span names(raw, static_cast<std::size_t>(count));
    std::sort(names.begin(), names.end(), [](const char* left, const char* right) {
        return std::string_view(left) < std::string_view(right);
    });
    std::vector<Header> out;
    for (const char* name : names) {
        append_values(message, name, out);
    }
    return out;
}

std::string header_value(natsMsg* message, const char* name) {
    const char* value = nullptr;
    return natsMsgHeader_Get(message, name, &value) == NATS_OK && value != nullptr ? value : "";
}

std::int64_t number_or_zero(std::string_view text) {
    std::int64_t value = 0;
    static_cast<void>(std::from_chars(text.data(), text.data() + text.size(), value));
    return value;
}

std::string_view reply_of(const natsMsg* message) {
    const char* reply = natsMsg_GetReply(message);
    return reply == nullptr ? std::string_view() : std::string_view(reply);
}

}  // namespace

bool is_stream_message(const natsMsg* message) {
    return reply_of(message).starts_with(kAckPrefix);
}

std::optional<Message> to_message(natsMsg* message, std::int64_t created_ns) {
    const std::string_view reply = reply_of(message);
    const std::optional<AckSubject> ack = parse_ack_subject(reply);
    if (!ack.has_value()) {
        return std::nullopt;
    }
    Message out;
    out.subject = natsMsg_GetSubject(message);
    out.headers = headers_of(message);
    const int size = natsMsg_GetDataLength(message);
    if (size > 0) {
        out.payload.assign(natsMsg_GetData(message), static_cast<std::size_t>(size));
    }
    out.store_time = Instant{ack->stored_ns / kNanosPerMicro};
    out.stream_seq = ack->stream_seq;
    out.position =
        BrokerPosition{std::string(ack->stream), created_ns, ack->stream_seq, ack->stored_ns};
    out.ack_subject = reply;
    return out;
}

PullStatus to_status(natsMsg* message) {
    PullStatus status;
    status.code = static_cast<int>(number_or_zero(header_value(message, "Status")));
    status.description = header_value(message, "Description");
    status.undelivered = number_or_zero(header_value(message, "Nats-Pending-Messages"));
    status.undelivered_bytes = number_or_zero(header_value(message, "Nats-Pending-Bytes"));
    const std::string_view subject = natsMsg_GetSubject(message);
    status.request = number_or_zero(subject.substr(subject.rfind('.') + 1));
    return status;
}

}  // namespace dcm::consumer
