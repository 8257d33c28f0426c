#include "consumer/nats_source.h"

#include "consumer/ack_subject.h"

#include <algorithm>
#include <utility>

namespace dcm::consumer {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t kNanosPerMilli = 1'000'000;
constexpr int kStatusHeartbeat = 100;
constexpr int kStatusBadRequest = 400;
constexpr int kStatusConflict = 409;
constexpr int kStatusNoResponders = 503;
// The longest wait without looking after requests and the connection.
constexpr milliseconds kSliceMax{100};
constexpr milliseconds kFlushWaitMax{5000};
constexpr std::size_t kReserveMax = 8192;
constexpr std::string_view kAck = "+ACK";
constexpr std::string_view kInProgress = "+WPI";
// The server may give the first one back to a request of ours that it has not yet dropped: the
// delay, in nanoseconds, lets it.
constexpr std::string_view kNak = R"(-NAK {"delay":100000000})";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string body_of(const PullSettings& pull, std::int64_t bytes) {
    return "{\"batch\":" + std::to_string(pull.batch) + ",\"max_bytes\":" + std::to_string(bytes) +
           ",\"expires\":" + std::to_string(pull.expires.count() * kNanosPerMilli) +
           ",\"idle_heartbeat\":" + std::to_string(pull.heartbeat.count() * kNanosPerMilli) + "}";
}

}  // namespace

NatsSource::NatsSource(NatsConnection& connection, NatsSourceOptions options)
    : connection_(connection),
      options_(std::move(options)),
      attachment_(connection,
                  {options_.names,
                   options_.accounted,
                   KnownPositions(options_.recorded),
                   options_.pull.requests_max,
                   options_.review_interval,
                   options_.on_notice,
                   options_.on_attached}),
      window_(options_.pull),
      request_bytes_(options_.pull.bytes) {
    if (options_.pull.batch < 1) {
        throw Failure(
            ErrorKind::malformed,
            "nats.batch: expected at least 1, found " + std::to_string(options_.pull.batch));
    }
    request_subject_ = "$JS.API.CONSUMER.MSG.NEXT." + attachment_.names().stream + "." +
                       attachment_.names().durable;
}

NatsSource::~NatsSource() {
    if (inbox_ != nullptr && connection_.connected()) {
        hand_back();
    }
}

void NatsSource::attach() {
    connection_.ensure_open();
    if (inbox_ != nullptr && inbox_epoch_ == connection_.epoch()) {
        return;
    }
    window_.forget();
    if (inbox_ == nullptr) {
        read_broker_state(options_.provision ? WhenAbsent::create : WhenAbsent::refuse);
        inbox_ = std::make_unique<Inbox>(connection_);
        inbox_epoch_ = connection_.epoch();
        return;
    }
    // What the lost connection brought goes first. What the broker still answers to requests of it
    // comes to the inbox of the same name.
    receive(inbox_->take(milliseconds(0)));
    inbox_ = std::make_unique<Inbox>(connection_, inbox_->prefix());
    inbox_epoch_ = connection_.epoch();
    read_broker_state();
}

void NatsSource::read_broker_state(WhenAbsent stream_absence) {
    // Read before asking: a new connection in between makes another round.
    const std::int64_t epoch = connection_.epoch();
    if (epoch_ != epoch) {
        attachment_.read_again();
    }
    use_limits(attachment_.read(stream_absence));
    epoch_ = epoch;
}

void NatsSource::use_limits(const DurableInfo& durable) {
    ack_wait_ = milliseconds(durable.ack_wait_ns / kNanosPerMilli);
    PullSettings pull = options_.pull;
    if (durable.batch_max > 0) {
        pull.batch = std::min(pull.batch, durable.batch_max);
    }
    if (durable.requests_max > 0) {
        pull.requests_max = std::min(pull.requests_max, durable.requests_max);
    }
    if (durable.expires_max_ns > 0) {
        pull.expires =
            std::min(pull.expires, milliseconds(durable.expires_max_ns / kNanosPerMilli));
        // The server refuses a heartbeat longer than half of the request's time.
        pull.heartbeat = std::min(pull.heartbeat, pull.expires / 2);
    }
    request_bytes_max_ = durable.bytes_max;
    if (durable.bytes_max > 0) {
        request_bytes_ = std::min(request_bytes_, durable.bytes_max);
    }
    window_ = PullWindow(pull);
    request_body_ = body_of(pull, request_bytes_);
}

std::vector<Message> NatsSource::pull(std::size_t count_max, milliseconds wait) {
    const Time deadline = steady_clock::now() + wait;
    pass_on_notices();
    attach();
    taken_.reserve(std::min(count_max, kReserveMax));
    while (taken_.size() < count_max && taken_bytes_ < kPullBytesMax) {
        if (!have_next(milliseconds(0))) {
            const Time now = steady_clock::now();
            settle(now);
            const auto left = std::chrono::ceil<milliseconds>(deadline - now);
            if (left <= milliseconds(0)) {
                break;
            }
            if (!have_next(std::min(left, kSliceMax))) {
                continue;
            }
        }
        take(std::exchange(arrived_[next_++], {}));
    }
    if (taken_.empty() && count_max > 0 && !connection_.connected()) {
        throw Failure(ErrorKind::environment,
                      "the broker at " + connection_.shown_urls() + " is away, reconnecting");
    }
    taken_bytes_ = 0;
    return std::exchange(taken_, {});
}

bool NatsSource::have_next(milliseconds wait) {
    if (next_ == arrived_.size()) {
        next_ = 0;
        arrived_.clear();
        receive(inbox_->take(wait));
    }
    return next_ < arrived_.size();
}

void NatsSource::receive(std::vector<MessageHandle> messages) {
    if (!messages.empty()) {
        window_.heard(steady_clock::now());
    }
    std::int64_t deliveries = 0;
    std::string_view newest;
    for (MessageHandle& message : messages) {
        if (is_stream_message(message.get())) {
            ++deliveries;
            newest = natsMsg_GetReply(message.get());
        }
        arrived_.push_back(
            {std::move(message), attachment_.created_ns(), attachment_.durable_number()});
    }
    if (deliveries > 0) {
        const auto subject = parse_ack_subject(newest);
        attachment_.watch().took(deliveries, subject ? subject->delivery : 0);
    }
}

void NatsSource::settle(Time now) {
    pass_on_notices();
    if (!connection_.connected()) {
        return;
    }
    // Messages of the old connection have all been taken when nothing is queued, and the broker
    // sends no others before the next request: so each gets its own stream's creation time.
    if (epoch_ != connection_.epoch() || attachment_.is_stale() || window_.is_overdue(now)) {
        read_broker_state();
    }
    window_.age_out(now);
    if (window_.silent(now)) {
        tell("no heartbeat from the broker, asking again");
        read_broker_state();
    }
    send_requests(now);
}

void NatsSource::send_requests(Time now) {
    while (!attachment_.is_rewound() && !window_.is_overdue(now) && window_.wants_request()) {
        const std::string reply = inbox_->prefix() + "." + std::to_string(window_.requested(now));
        require_ok(natsConnection_PublishRequest(connection_.handle(),
                                                 request_subject_.c_str(),
                                                 reply.c_str(),
                                                 request_body_.data(),
                                                 static_cast<int>(request_body_.size())),
                   "cannot ask the broker for messages");
    }
}

void NatsSource::take(const Arrival& arrival) {
    natsMsg* const message = arrival.message.get();
    if (!is_stream_message(message)) {
        obey(to_status(message));
        return;
    }
    window_.delivered();
    ask_for_bytes(std::min(request_bytes_, usual_bytes()));
    std::optional<Message> converted = to_message(message, arrival.created_ns);
    if (!converted.has_value()) {
        throw Failure(
            ErrorKind::environment,
            std::string("expected a JetStream reply subject, found ") + natsMsg_GetReply(message));
    }
    converted->ack_durable = arrival.durable;
    taken_bytes_ += converted->payload.size();
    taken_.push_back(std::move(*converted));
    if (knows_durable() && window_.wants_request()) {
        send_requests(steady_clock::now());
    }
}

void NatsSource::obey(const PullStatus& status) {
    const std::string_view text = status.description;
    if (status.code == kStatusHeartbeat) {
        return;
    }
    if (status.code == kStatusConflict && contains(text, "Exceeded MaxWaiting")) {
        window_.postponed(status.request);
        return;
    }
    window_.ended(status.request, status.undelivered);
    if (status.code == kStatusConflict &&
        (contains(text, "Server Shutdown") || contains(text, "Leadership Change"))) {
        window_.forget();
        return;
    }
    if (status.code == kStatusConflict && contains(text, "Message Size Exceeds MaxBytes")) {
        if (status.undelivered_bytes >= request_bytes_) {
            ask_for_more_bytes();
        }
        return;
    }
    if (status.code == kStatusConflict && contains(text, "Consumer Deleted")) {
        attachment_.read_again();
        return;
    }
    const bool refused = status.code == kStatusConflict &&
                         (contains(text, "Exceeded Max") || contains(text, "push based"));
    if (refused || status.code == kStatusNoResponders || status.code == kStatusBadRequest) {
        // Says what is wrong with the durable, if that is what it is.
        read_broker_state();
        throw Failure(ErrorKind::environment,
                      "the broker refuses to deliver from durable '" + attachment_.names().durable +
                          "' of stream '" + attachment_.names().stream +
                          "': " + std::to_string(status.code) + " " + status.description);
    }
}

void NatsSource::ask_for_more_bytes() {
    if (request_bytes_ == request_bytes_max_) {
        throw Failure(ErrorKind::environment,
                      "the next message of stream '" + attachment_.names().stream +
                          "' is larger than the " + std::to_string(request_bytes_max_) +
                          " bytes that durable '" + attachment_.names().durable +
                          "' lets one request ask for: raise its max_bytes");
    }
    const std::int64_t twice = request_bytes_ * 2;
    ask_for_bytes(request_bytes_max_ > 0 ? std::min(twice, request_bytes_max_) : twice);
}

std::int64_t NatsSource::usual_bytes() const {
    const std::int64_t usual = options_.pull.bytes;
    return request_bytes_max_ > 0 ? std::min(usual, request_bytes_max_) : usual;
}

void NatsSource::ask_for_bytes(std::int64_t bytes) {
    if (request_bytes_ != bytes) {
        request_bytes_ = bytes;
        request_body_ = body_of(window_.settings(), bytes);
    }
}

void NatsSource::acknowledge(std::span<const Message> messages) {
    if (messages.empty()) {
        return;
    }
    spoke_at_ = steady_clock::now();
    const Message& newest = messages.back();
    const auto subject = parse_ack_subject(newest.ack_subject);
    const bool is_numbered = subject && newest.ack_durable == attachment_.durable_number();
    attachment_.watch().acknowledged(static_cast<std::int64_t>(messages.size()),
                                     is_numbered ? subject->delivery : 0);
    for (const Message& message : messages) {
        say(kAck, {message.ack_subject.c_str(), message.ack_durable});
    }
    attachment_.recorded(messages);
}

void NatsSource::keep(std::span<const Message* const> messages) {
    const Time now = steady_clock::now();
    if (inbox_ == nullptr || now - spoke_at_ < ack_wait_ / 3) {
        return;
    }
    spoke_at_ = now;
    for (const Message* const message : messages) {
        say(kInProgress, {message->ack_subject.c_str(), message->ack_durable});
    }
    receive(inbox_->take(milliseconds(0)));
    tell_arrived(kInProgress);
}

void NatsSource::tell_arrived(std::string_view word) {
    for (std::size_t index = next_; index < arrived_.size(); ++index) {
        natsMsg* const message = arrived_[index].message.get();
        if (is_stream_message(message)) {
            say(word, {natsMsg_GetReply(message), arrived_[index].durable});
        }
    }
}

// What is lost on the way makes a redelivery.
void NatsSource::say(std::string_view word, AckPlace place) {
    if (knows_durable() && place.durable == attachment_.durable_number()) {
        static_cast<void>(natsConnection_Publish(
            connection_.handle(), place.subject, word.data(), static_cast<int>(word.size())));
    }
}

bool NatsSource::drained() {
    attach();
    // The broker reads in order: after this it knows our acknowledgements.
    connection_.flush();
    return attachment_.drained();
}

std::optional<store::SourceState> NatsSource::state() {
    return knows_broker() ? attachment_.state(steady_clock::now()) : std::nullopt;
}

bool NatsSource::knows_broker() const {
    return inbox_ != nullptr && connection_.connected() && epoch_ == connection_.epoch();
}

bool NatsSource::knows_durable() const {
    return knows_broker() && !attachment_.is_stale();
}

std::optional<store::StreamRewind> NatsSource::rewind() {
    return knows_broker() ? attachment_.rewind() : std::nullopt;
}

void NatsSource::rewind_recorded(const std::vector<BrokerPosition>& newest) {
    attachment_.rewind_recorded(newest);
}

StoredMessages NatsSource::first_held(const store::SequenceRange& range) {
    return attachment_.first_held(range);
}

StoredMessages NatsSource::fetch(const store::SequenceRange& range, std::size_t count_max) {
    return attachment_.fetch(range, count_max);
}

void NatsSource::tell(std::string_view text) const {
    if (options_.on_notice) {
        options_.on_notice(text);
    }
}

void NatsSource::pass_on_notices() {
    for (const std::string& notice : connection_.take_notices()) {
        tell(notice);
    }
}

void NatsSource::hand_back() {
    for (const Message& message : taken_) {
        say(kNak, {message.ack_subject.c_str(), message.ack_durable});
    }
    // Draining ends the requests and lets through what was on the way.
    receive(inbox_->drain());
    static_cast<void>(natsConnection_FlushTimeout(connection_.handle(), kFlushWaitMax.count()));
    tell_arrived(kNak);
    static_cast<void>(natsConnection_FlushTimeout(connection_.handle(), kFlushWaitMax.count()));
}

}  // namespace dcm::consumer
