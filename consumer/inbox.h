#pragma once

#include "consumer/nats_connection.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace dcm::consumer {

// A reply subject of our own and what arrives on it: from cnats' delivery thread to ours.
//
// (cnats' synchronous subscriptions swallow an empty message with the header `Status: 503`, which
// anybody can publish; a callback gets every message.)
class Inbox {
public:
    // Subscribes to `<prefix>.*`. The connection is open. Throws Failure (environment).
    explicit Inbox(const NatsConnection& connection);
    // With the prefix of one on an earlier connection: what was asked there may be answered here.
    Inbox(const NatsConnection& connection, std::string prefix);
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;
    // Waits until cnats no longer calls.
    ~Inbox();

    [[nodiscard]] const std::string& prefix() const { return prefix_; }
    // All that has arrived, in order; waits for the first so long.
    [[nodiscard]] std::vector<MessageHandle> take(std::chrono::milliseconds wait);
    // Unsubscribes, then returns what arrived and what was on the way.
    [[nodiscard]] std::vector<MessageHandle> drain();

private:
    static void arrived(natsConnection* connection,
                        natsSubscription* subscription,
                        natsMsg* message,
                        void* closure);
    static void completed(void* closure);
    void wait_completed();

    std::string prefix_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<MessageHandle> arrived_;
    bool completed_ = false;
    SubscriptionHandle subscription_;
};

}  // namespace dcm::consumer
