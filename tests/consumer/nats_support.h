#pragma once

#include "base/message.h"
#include "consumer/jetstream_api.h"
#include "consumer/nats_connection.h"
#include "consumer/nats_handles.h"
#include "consumer/nats_source.h"
#include "tests/support/nats_server.h"

#include <catch2/catch.hpp>
#include <poll.h>

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dcm::consumer {

inline NatsOptions options_for(const support::NatsServer& server) {
    NatsOptions options;
    options.urls = {server.url()};
    return options;
}

inline nlohmann::json api(NatsConnection& connection,
                          const std::string& verb,
                          const nlohmann::json& body = {}) {
    const ApiAnswer answer =
        ask_jetstream(connection, verb, body.is_null() ? std::string() : body.dump());
    INFO(verb << ": " << answer.error_text);
    REQUIRE(answer.error_code == 0);
    return answer.body;
}

inline void make_stream(NatsConnection& connection) {
    static_cast<void>(ensure_stream(connection, StreamNames{}, WhenAbsent::create));
}

// Stored when it returns; the answer of JetStream.
inline std::string store(NatsConnection& connection,
                         const std::string& subject,
                         std::string_view payload) {
    return connection.request(subject, payload);
}

inline void store_numbered(NatsConnection& connection, int first, int count) {
    for (int number = first; number < first + count; ++number) {
        static_cast<void>(store(connection, "dcm.vm", "event " + std::to_string(number)));
    }
}

inline NatsSourceOptions source_options() {
    NatsSourceOptions options;
    options.provision = true;
    return options;
}

inline nlohmann::json durable_state(NatsConnection& connection) {
    return api(connection, "CONSUMER.INFO.dcm-status.dcm-billing");
}

// A stream, and a harmless durable that differs from ours in this.
inline void make_durable(NatsConnection& connection, const nlohmann::json& changes) {
    make_stream(connection);
    nlohmann::json config = {{"durable_name", "dcm-billing"},
                             {"ack_policy", "explicit"},
                             {"deliver_policy", "all"},
                             {"max_deliver", -1}};
    config.update(changes);
    static_cast<void>(api(connection,
                          "CONSUMER.DURABLE.CREATE.dcm-status.dcm-billing",
                          {{"stream_name", "dcm-status"}, {"config", config}}));
}

inline std::set<std::string> payloads(const std::vector<Message>& messages) {
    std::set<std::string> all;
    for (const Message& message : messages) {
        all.insert(message.payload);
    }
    return all;
}

inline void publish_with_headers(NatsConnection& connection,
                                 const std::vector<Header>& headers,
                                 const std::string& payload) {
    natsMsg* raw = nullptr;
    REQUIRE(
        natsMsg_Create(&raw, "dcm.vm", nullptr, payload.data(), static_cast<int>(payload.size())) ==
        NATS_OK);
    const MessageHandle message(raw);
    for (const Header& header : headers) {
        REQUIRE(natsMsgHeader_Add(raw, header.name.c_str(), header.value.c_str()) == NATS_OK);
    }
    REQUIRE(natsConnection_PublishMsg(connection.handle(), raw) == NATS_OK);
    connection.flush();
}

// Pulls until so many came; a test that gets fewer fails.
inline std::vector<Message> pull_all(MessageSource& source, std::size_t count) {
    constexpr int tries_max = 400;
    std::vector<Message> all;
    for (int tries = 0; tries < tries_max && all.size() < count; ++tries) {
        try {
            for (Message& message :
                 source.pull(count - all.size(), std::chrono::milliseconds(100))) {
                all.push_back(std::move(message));
            }
        } catch (const Refused&) {
            throw;
        } catch (const Failure&) {
            // The broker is away: ask again, as the loop does.
        }
    }
    REQUIRE(all.size() == count);
    return all;
}

// Asks until the condition holds, once a millisecond.
template <typename Condition>
bool eventually(Condition condition) {
    constexpr int tries_max = 20'000;
    for (int tries = 0; tries < tries_max; ++tries) {
        if (condition()) {
            return true;
        }
        poll(nullptr, 0, 1);
    }
    return false;
}

}  // namespace dcm::consumer
