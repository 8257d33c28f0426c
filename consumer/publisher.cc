#include "consumer/publisher.h"

#include "consumer/decode.h"
#include "consumer/jetstream_api.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAnswerSlice{50};
// After a restart JetStream may need a moment before it listens.
constexpr milliseconds kNobodyListenedWait{250};
// Between two attempts to make a lost connection anew.
constexpr milliseconds kConnectWait{250};
constexpr std::int64_t kMicrosPerSecondOfRate = 1'000'000;

std::string_view data_of(const natsMsg* message) {
    const int size = natsMsg_GetDataLength(message);
    return size > 0 ? std::string_view(natsMsg_GetData(message), static_cast<std::size_t>(size))
                    : std::string_view();
}

std::unique_ptr<Inbox> open_inbox(NatsConnection& connection) {
    connection.ensure_open();
    return std::make_unique<Inbox>(connection);
}

}  // namespace

std::optional<std::string> message_id(const Message& message) {
    static const rules::Lifecycle lifecycle = rules::standard_lifecycle();
    const billing::Decision decision = decode(message, lifecycle, DecodeLimits{});
    if (const auto* event = std::get_if<billing::StatusEvent>(&decision)) {
        return event->source + " " + event->id;
    }
    const auto& rejection = std::get<billing::Rejection>(decision);
    if (rejection.source.has_value() && rejection.id.has_value()) {
        return *rejection.source + " " + *rejection.id;
    }
    return std::nullopt;
}

Publisher::Publisher(NatsConnection& connection, const PublisherOptions& options)
    : connection_(connection),
      options_(options),
      inbox_(open_inbox(connection)),
      epoch_(connection.epoch()) {}

void Publisher::publish(const Message& message) {
    wait_turn();
    while (unanswered_.size() >= options_.window) {
        take_answers(kAnswerSlice);
    }
    const std::uint64_t number = ++last_number_;
    MessageHandle handle = to_nats(message, number);
    if (unanswered_.empty()) {
        progress_at_ = steady_clock::now();
    }
    natsMsg* raw = handle.get();
    unanswered_.emplace(number, std::move(handle));
    ++counts_.sent;
    send(raw);
    if (number % (options_.window / 4 + 1) == 0) {
        take_answers(milliseconds(0));
    }
}

void Publisher::finish() {
    while (!unanswered_.empty()) {
        take_answers(kAnswerSlice);
    }
}

void Publisher::wait_turn() {
    if (!options_.per_second.has_value()) {
        return;
    }
    // In two parts, as the product may not fit.
    const std::int64_t rate = *options_.per_second;
    const std::int64_t micros = counts_.sent / rate * kMicrosPerSecondOfRate +
                                counts_.sent % rate * kMicrosPerSecondOfRate / rate;
    const Time due = started_ + std::chrono::microseconds(micros);
    for (Time now = steady_clock::now(); now < due; now = steady_clock::now()) {
        take_answers(std::min(kAnswerSlice, std::chrono::ceil<milliseconds>(due - now)));
    }
}

MessageHandle Publisher::to_nats(const Message& message, std::uint64_t number) const {
    natsMsg* raw = nullptr;
    const std::string reply = inbox_->prefix() + "." + std::to_string(number);
    const natsStatus status = natsMsg_Create(&raw,
                                             message.subject.c_str(),
                                             reply.c_str(),
                                             message.payload.data(),
                                             static_cast<int>(message.payload.size()));
    MessageHandle handle(raw);
    const std::int64_t size_max = natsConnection_GetMaxPayload(connection_.handle());
    if (status != NATS_OK || message.subject.find_first_of(" \t\r\n*>") != std::string::npos) {
        throw Failure(ErrorKind::malformed,
                      "cannot publish on subject '" + message.subject +
                          "': expected one without blanks and wildcards");
    }
    if (size_max > 0 && static_cast<std::int64_t>(message.payload.size()) > size_max) {
        throw Failure(ErrorKind::malformed,
                      "cannot publish a payload of " + std::to_string(message.payload.size()) +
                          " bytes: the broker takes " + std::to_string(size_max));
    }
    for (const Header& header : message.headers) {
        require_ok(natsMsgHeader_Add(raw, header.name.c_str(), header.value.c_str()),
                   "cannot publish header '" + header.name + "'");
    }
    const std::optional<std::string> id = options_.message_ids ? message_id(message) : std::nullopt;
    if (id.has_value()) {
        require_ok(natsMsgHeader_Set(raw, "Nats-Msg-Id", id->c_str()), "Nats-Msg-Id");
    }
    return handle;
}

void Publisher::send(natsMsg* message) {
    // What cannot be sent now stays unanswered and is sent again.
    const natsStatus status = natsConnection_PublishMsg(connection_.handle(), message);
    if (status == NATS_MAX_PAYLOAD) {
        throw Failure(
            ErrorKind::malformed,
            "cannot publish: the message with its headers is larger than the broker takes");
    }
}

void Publisher::take_answers(milliseconds wait) {
    for (const MessageHandle& reply : inbox_->take(wait)) {
        answer(reply.get());
    }
    if (!unanswered_.empty()) {
        look_after(steady_clock::now());
    }
}

void Publisher::answer(natsMsg* reply) {
    const std::string_view subject = natsMsg_GetSubject(reply);
    const std::string_view token = subject.substr(subject.rfind('.') + 1);
    std::uint64_t number = 0;
    static_cast<void>(std::from_chars(token.data(), token.data() + token.size(), number));
    const auto found = unanswered_.find(number);
    if (found == unanswered_.end()) {
        return;
    }
    const std::string about = natsMsg_GetSubject(found->second.get());
    if (natsMsg_IsNoResponders(reply)) {
        if (counts_.stored + counts_.duplicates == 0) {
            throw Failure(ErrorKind::environment,
                          "no stream at " + connection_.shown_urls() + " takes subject '" + about +
                              "' (--provision creates it for a demo)");
        }
        nobody_listened_ = true;
        return;
    }
    const std::string_view data = data_of(reply);
    if (data.find("\"error\"") != std::string_view::npos) {
        const ApiAnswer refusal = read_answer(about, data);
        throw Failure(ErrorKind::environment,
                      "the stream refuses a message on '" + about + "': " + refusal.error_text);
    }
    const bool known = data.find("\"duplicate\"") != std::string_view::npos &&
                       flag_member(read_answer(about, data).body, "duplicate");
    ++(known ? counts_.duplicates : counts_.stored);
    unanswered_.erase(found);
    progress_at_ = steady_clock::now();
}

void Publisher::look_after(Time now) {
    if (now - progress_at_ > options_.patience) {
        throw Failure(ErrorKind::environment,
                      "no answer from the broker at " + connection_.shown_urls() + " to " +
                          std::to_string(unanswered_.size()) + " published messages");
    }
    if (!is_connected(now)) {
        return;
    }
    const bool new_connection = epoch_ != connection_.epoch();
    const bool not_heard = nobody_listened_ && now - sent_again_at_ > kNobodyListenedWait;
    const Time answer_due = std::max(progress_at_, sent_again_at_) + options_.answer_wait;
    if (new_connection || not_heard || now > answer_due) {
        send_again();
        sent_again_at_ = now;
    }
}

bool Publisher::is_connected(Time now) {
    if (connection_.connected()) {
        return true;
    }
    if (now < connect_at_) {
        return false;
    }
    connect_at_ = now + kConnectWait;
    try {
        connection_.ensure_open();
    } catch (const Failure& failure) {
        if (failure.kind() != ErrorKind::environment) {
            throw;
        }
        return false;
    }
    return true;
}

void Publisher::send_again() {
    if (epoch_ != connection_.epoch()) {
        for (const MessageHandle& reply : inbox_->take(milliseconds(0))) {
            answer(reply.get());
        }
        inbox_ = std::make_unique<Inbox>(connection_, inbox_->prefix());
    }
    epoch_ = connection_.epoch();
    nobody_listened_ = false;
    for (const auto& [number, message] : unanswered_) {
        send(message.get());
    }
}

}  // namespace dcm::consumer
