#include "consumer/inbox.h"

#include <utility>

namespace dcm::consumer {
namespace {

constexpr int kNoLimit = -1;
constexpr std::int64_t kDrainMaxMs = 2000;
constexpr std::chrono::seconds kCompletionMax{10};
// After the first message the rest of what the broker is sending is waited for, so long and so
// many: waking this thread for each one would cost more than its decoding.
constexpr std::chrono::microseconds kMoreWait{500};
constexpr std::size_t kMoreMessages = 128;

std::string new_inbox() {
    natsInbox* raw = nullptr;
    require_ok(natsInbox_Create(&raw), "NATS inbox");
    const std::unique_ptr<natsInbox, NatsDeleter> inbox(raw);
    return inbox.get();
}

}  // namespace

Inbox::Inbox(const NatsConnection& connection) : Inbox(connection, new_inbox()) {}

Inbox::Inbox(const NatsConnection& connection, std::string prefix) : prefix_(std::move(prefix)) {
    natsSubscription* raw = nullptr;
    require_ok(natsConnection_Subscribe(
                   &raw, connection.handle(), (prefix_ + ".*").c_str(), &Inbox::arrived, this),
               "cannot subscribe at the broker");
    subscription_.reset(raw);
    require_ok(natsSubscription_SetOnCompleteCB(raw, &Inbox::completed, this), "NATS subscription");
    // What may come is limited by what is asked for.
    require_ok(natsSubscription_SetPendingLimits(raw, kNoLimit, kNoLimit), "NATS subscription");
}

Inbox::~Inbox() {
    static_cast<void>(natsSubscription_Unsubscribe(subscription_.get()));
    wait_completed();
}

std::vector<MessageHandle> Inbox::take(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    if (arrived_.empty() && wait.count() > 0 &&
        changed_.wait_for(lock, wait, [this] { return !arrived_.empty(); })) {
        static_cast<void>(changed_.wait_for(
            lock, kMoreWait, [this] { return arrived_.size() >= kMoreMessages; }));
    }
    return std::exchange(arrived_, {});
}

std::vector<MessageHandle> Inbox::drain() {
    if (natsSubscription_DrainTimeout(subscription_.get(), kDrainMaxMs) == NATS_OK) {
        static_cast<void>(
            natsSubscription_WaitForDrainCompletion(subscription_.get(), kDrainMaxMs));
    }
    return take(std::chrono::milliseconds(0));
}

void Inbox::arrived(natsConnection* /*connection*/,
                    natsSubscription* /*subscription*/,
                    natsMsg* message,
                    void* closure) {
    auto* self = static_cast<Inbox*>(closure);
    const std::lock_guard lock(self->mutex_);
    self->arrived_.emplace_back(message);
    if (self->arrived_.size() == 1 || self->arrived_.size() == kMoreMessages) {
        self->changed_.notify_one();
    }
}

void Inbox::completed(void* closure) {
    auto* self = static_cast<Inbox*>(closure);
    const std::lock_guard lock(self->mutex_);
    self->completed_ = true;
    // Under the lock: the waiting destructor may free this object right after.
    self->changed_.notify_all();
}

void Inbox::wait_completed() {
    std::unique_lock lock(mutex_);
    static_cast<void>(changed_.wait_for(lock, kCompletionMax, [this] { return completed_; }));
}

}  // namespace dcm::consumer
