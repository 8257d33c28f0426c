#pragma once

#include "base/result.h"

#include <nats/nats.h>

#include <memory>
#include <string>

namespace dcm::consumer {

// Frees what cnats hands out.
struct NatsDeleter {
    void operator()(natsOptions* options) const { natsOptions_Destroy(options); }
    void operator()(natsConnection* connection) const { natsConnection_Destroy(connection); }
    void operator()(natsSubscription* subscription) const {
        natsSubscription_Destroy(subscription);
    }
    void operator()(natsMsg* message) const { natsMsg_Destroy(message); }
    void operator()(natsInbox* inbox) const { natsInbox_Destroy(inbox); }
};

using OptionsHandle = std::unique_ptr<natsOptions, NatsDeleter>;
using ConnectionHandle = std::unique_ptr<natsConnection, NatsDeleter>;
using SubscriptionHandle = std::unique_ptr<natsSubscription, NatsDeleter>;
using MessageHandle = std::unique_ptr<natsMsg, NatsDeleter>;

// Throws Failure (environment) `<what>: <cnats' text>` unless the call went well.
inline void require_ok(natsStatus status, const std::string& what) {
    if (status != NATS_OK) {
        throw Failure(ErrorKind::environment, what + ": " + natsStatus_GetText(status));
    }
}

}  // namespace dcm::consumer
