#include "consumer/nats_connection.h"

#include "consumer/broker_address.h"
#include "consumer/connect_watch.h"
#include "consumer/nats_options.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace dcm::consumer {
namespace {

constexpr std::int64_t kRequestTimeoutMs = 3000;
constexpr std::int64_t kFlushTimeoutMs = 5000;
// How long the destructor waits for cnats' last callback, which must find this object alive.
constexpr std::chrono::seconds kCloseWaitMax{10};
// cnats 3.4 sends a signature that begins with a zero byte, one in 256, as none. The server's next
// nonce gives another.
constexpr int kSignedAttemptsMax = 3;
// cnats' own deadlines go first: it knows better what was missing.
constexpr std::chrono::milliseconds kConnectGrace{200};
// More than these and nobody reads them: the newest are dropped.
constexpr std::size_t kNoticesMax = 100;
// One for each subject that we publish on is enough.
constexpr std::size_t kRefusalsMax = 100;

int login_attempts(const NatsOptions& options) {
    const bool is_signed = !options.nkey_seed.empty() || !options.credentials.empty();
    return is_signed ? kSignedAttemptsMax : 1;
}

struct Connected {
    natsStatus status = NATS_OK;
    bool was_silent = false;  // a server that accepted the connection said nothing
};

Connected connect(natsConnection** out,
                  const std::string& url,
                  const NatsOptions& asked,
                  natsOptions* options) {
    // What another thread opens meanwhile is not to be mistaken for ours.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    ConnectWatch watch(broker_address(url).value_or(BrokerAddress{}).port,
                       asked.connect_timeout + kConnectGrace);
    natsStatus status = natsConnection_Connect(out, options);
    for (int made = 1; status == NATS_CONNECTION_AUTH_FAILED && made < login_attempts(asked);
         ++made) {
        status = natsConnection_Connect(out, options);
    }
    return {status, watch.end()};
}

bool wants_tls(const NatsOptions& options) {
    return !options.tls.ca.empty() || !options.tls.certificate.empty();
}

std::string in_words(natsStatus status, const NatsOptions& options) {
    switch (static_cast<int>(status)) {
        case NATS_NO_SERVER:
            return "no server answers there";
        case NATS_CONNECTION_AUTH_FAILED:
            return "the server refused our credentials (nats.credentials, nats.nkey_seed or "
                   "nats.user)";
        case NATS_TIMEOUT:
            return "no answer in time";
        case NATS_SECURE_CONNECTION_WANTED:
            return "nats.tls is set, but the server offers no TLS";
        case NATS_SECURE_CONNECTION_REQUIRED:
            return "the server demands TLS: set nats.tls.ca";
        case NATS_SSL_ERROR:
            // cnats follows a server that demands TLS, with the system's authorities.
            return wants_tls(options)
                       ? "the TLS handshake failed (nats.tls.ca, nats.tls.certificate, host name)"
                       : "the server demands TLS, and no authority known here certifies it: set "
                         "nats.tls.ca";
        case NATS_IO_ERROR:
        case NATS_PROTOCOL_ERROR:
        case NATS_CONNECTION_CLOSED:
            // With TLS 1.3 a server judges the client's certificate after the handshake.
            return wants_tls(options)
                       ? "the server ended the connection: it may demand a client certificate that "
                         "its authority knows (nats.tls.certificate, nats.tls.key)"
                       : natsStatus_GetText(status);
        default:
            return natsStatus_GetText(status);
    }
}

std::string why_not_connected(const Connected& connected, const NatsOptions& options) {
    return connected.was_silent
               ? "the server accepts the connection, and then says nothing for " +
                     std::to_string((options.connect_timeout + kConnectGrace).count()) + " ms"
               : in_words(connected.status, options);
}

}  // namespace

std::string shown_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t at = url.rfind('@');
    if (at == std::string_view::npos || at < begin) {
        return std::string(url);
    }
    return std::string(url.substr(0, begin)) + std::string(url.substr(at + 1));
}

// What cnats' threads leave for ours.
class NatsConnection::Events {
public:
    static void closed(natsConnection* /*connection*/, void* closure) {
        auto* events = static_cast<Events*>(closure);
        const std::lock_guard lock(events->mutex_);
        if (!events->closing_) {
            events->add("connection to the broker lost, reconnecting");
        }
        events->closed_ = true;
        // Under the lock: the waiting destructor may free this object right after.
        events->closed_changed_.notify_all();
    }
    static void failed(natsConnection* connection,
                       natsSubscription* /*subscription*/,
                       natsStatus status,
                       void* closure) {
        const char* detail = nullptr;
        static_cast<void>(natsConnection_GetLastError(connection, &detail));
        const std::string shown = detail == nullptr ? "" : detail;
        auto* events = static_cast<Events*>(closure);
        const std::lock_guard lock(events->mutex_);
        events->add(std::string("broker error: ") + natsStatus_GetText(status) +
                    (shown.empty() ? "" : " (" + shown + ")"));
        if (status == NATS_NOT_PERMITTED && events->refusals_.size() < kRefusalsMax) {
            events->refusals_.push_back(shown);
        }
    }

    void opening() {
        const std::lock_guard lock(mutex_);
        closed_ = false;
        closing_ = false;
        refusals_.clear();
    }
    void opened_again() {
        const std::lock_guard lock(mutex_);
        add("connected to the broker again");
    }
    // From now on it is our own doing.
    void closing() {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    void wait_closed() {
        std::unique_lock lock(mutex_);
        static_cast<void>(
            closed_changed_.wait_for(lock, kCloseWaitMax, [this] { return closed_; }));
    }
    [[nodiscard]] std::vector<std::string> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(notices_, {});
    }

    // The server names the subject in quotes.
    [[nodiscard]] bool is_refused(const std::string& subject) {
        const std::lock_guard lock(mutex_);
        return std::any_of(
            refusals_.begin(), refusals_.end(), [quoted = '"' + subject + '"'](const auto& text) {
                return text.starts_with("Permissions Violation for Publish") &&
                       text.find(quoted) != std::string::npos;
            });
    }

private:
    void add(std::string text) {
        if (notices_.size() < kNoticesMax) {
            notices_.push_back(std::move(text));
        }
    }

    std::mutex mutex_;
    std::condition_variable closed_changed_;
    bool closed_ = true;
    bool closing_ = false;
    std::vector<std::string> notices_;
    std::vector<std::string> refusals_;
};

NatsConnection::NatsConnection(NatsOptions options)
    : options_(std::move(options)), events_(std::make_unique<Events>()) {}

NatsConnection::~NatsConnection() {
    close();
}

void NatsConnection::close() {
    if (handle_ != nullptr) {
        events_->closing();
        natsConnection_Close(handle_.get());
        events_->wait_closed();
        handle_.reset();
    }
}

OptionsHandle NatsConnection::make_options(const std::string& url) const {
    OptionsHandle options = to_cnats(options_, url);
    natsOptions* raw = options.get();
    Events* events = events_.get();
    require_ok(natsOptions_SetClosedCB(raw, &Events::closed, events), "nats callback");
    require_ok(natsOptions_SetErrorHandler(raw, &Events::failed, events), "nats callback");
    return options;
}

void NatsConnection::ensure_open() {
    if (handle_ != nullptr && !natsConnection_IsClosed(handle_.get()) && !leaves_) {
        return;
    }
    close();
    leaves_ = false;
    if (options_.urls.empty()) {
        throw Failure(ErrorKind::malformed,
                      "nats.url: expected nats://host:port, or a list of such");
    }
    std::string refused;
    for (std::size_t tried = 0; tried < options_.urls.size(); ++tried) {
        const std::string& url = options_.urls[(first_ + tried) % options_.urls.size()];
        const OptionsHandle options = make_options(url);
        natsConnection* raw = nullptr;
        events_->opening();
        const Connected connected = connect(&raw, url, options_, options.get());
        if (connected.status == NATS_OK) {
            handle_.reset(raw);
            first_ = (first_ + tried) % options_.urls.size();
            if (++epoch_ > 1) {
                events_->opened_again();
            }
            return;
        }
        refused += (refused.empty() ? "at " : "; at ") + shown_url(url) + ": " +
                   why_not_connected(connected, options_);
    }
    throw Failure(ErrorKind::environment, "cannot connect to the broker " + refused);
}

void NatsConnection::move_on() {
    if (options_.urls.size() > 1) {
        first_ = (first_ + 1) % options_.urls.size();
        leaves_ = true;
    }
}

bool NatsConnection::connected() const {
    return handle_ != nullptr && natsConnection_Status(handle_.get()) == NATS_CONN_STATUS_CONNECTED;
}

std::string NatsConnection::request(const std::string& subject,
                                    std::string_view body,
                                    const std::vector<RequestHeader>& headers) {
    std::optional<std::string> answer = request_if_permitted(subject, body, headers);
    if (!answer) {
        throw Failure(ErrorKind::environment,
                      "no permission to publish on " + subject + " at " + shown_urls());
    }
    return *std::move(answer);
}

std::optional<std::string> NatsConnection::request_if_permitted(
    const std::string& subject, std::string_view body, const std::vector<RequestHeader>& headers) {
    ensure_open();
    if (events_->is_refused(subject)) {
        return std::nullopt;
    }
    natsMsg* raw = nullptr;
    require_ok(
        natsMsg_Create(&raw, subject.c_str(), nullptr, body.data(), static_cast<int>(body.size())),
        "cannot ask on " + subject);
    const MessageHandle question(raw);
    for (const RequestHeader& header : headers) {
        require_ok(natsMsgHeader_Set(raw, header.name.c_str(), header.value.c_str()),
                   "cannot ask on " + subject);
    }
    natsMsg* answer = nullptr;
    const natsStatus status =
        natsConnection_RequestMsg(&answer, handle_.get(), question.get(), kRequestTimeoutMs);
    if (status == NATS_NO_RESPONDERS) {
        throw Failure(ErrorKind::environment,
                      "nobody answers " + subject + " at " + shown_urls() +
                          ": JetStream is not enabled there, or not for our account");
    }
    // It says so, and then there is no answer.
    if (status == NATS_TIMEOUT && events_->is_refused(subject)) {
        return std::nullopt;
    }
    require_ok(status, "no answer to " + subject + " from the broker at " + shown_urls());
    const MessageHandle reply(answer);
    return std::string(natsMsg_GetData(answer),
                       static_cast<std::size_t>(natsMsg_GetDataLength(answer)));
}

void NatsConnection::flush() {
    ensure_open();
    require_ok(natsConnection_FlushTimeout(handle_.get(), kFlushTimeoutMs),
               "the broker at " + shown_urls() + " does not confirm what was sent");
}

std::vector<std::string> NatsConnection::take_notices() {
    return events_->take();
}

std::string NatsConnection::shown_urls() const {
    std::string text;
    for (const std::string& url : options_.urls) {
        text += (text.empty() ? "" : ", ") + shown_url(url);
    }
    return text;
}

}  // namespace dcm::consumer
